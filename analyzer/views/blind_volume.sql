-- PVs of which it is not known whether their dataset exists: it was last seen where nothing can be seen now, or the pool
-- in their handle or share is none that is online. What was seen later under a parent of volumes, in a pool that is
-- online, is known: the copy elsewhere is older news.
WITH usable AS (
  SELECT s.appliance AS appliance, s.pool AS pool FROM pool_state AS s WHERE s.is_usable = TRUE
),
newest AS (
  SELECT h.cluster AS cluster, h.name AS name, MAX(h.last_seen_at) AS last_seen_at
  FROM history_pv AS h
  GROUP BY h.cluster, h.name
),
named AS (
  SELECT h.cluster AS cluster, h.name AS name, COALESCE(h.handle_pool, h.share_pool) AS pool
  FROM history_pv AS h
  JOIN newest AS n ON n.cluster = h.cluster AND n.name = h.name AND n.last_seen_at = h.last_seen_at
),
placed AS (
  SELECT n.cluster AS cluster, n.name AS name, n.pool AS pool, c.appliance AS appliance
  FROM named AS n
  JOIN k8s_pv AS p ON p.cluster = n.cluster AND p.name = n.name
  JOIN covered_pv AS c ON c.cluster = n.cluster AND c.name = n.name
  WHERE n.pool IS NOT NULL AND p.family IN ('democratic-csi', 'truenas-csi')
),
seen AS (
  SELECT h.leaf AS leaf, MAX(h.last_seen_at) AS last_seen_at
  FROM history_dataset AS h
  JOIN known_parent AS k ON k.appliance = h.appliance AND k.parent = h.parent
  JOIN usable AS u ON u.appliance = h.appliance AND u.pool = h.pool
  GROUP BY h.leaf
),
hidden AS (
  SELECT q.cluster AS cluster, q.name AS name
  FROM placed AS q
  ANTI JOIN usable AS u ON u.appliance = q.appliance AND u.pool = q.pool
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS name
  FROM k8s_pv AS p
  JOIN blind_dataset AS b ON b.leaf = p.handle_leaf
  LEFT JOIN seen AS s ON s.leaf = b.leaf
  WHERE s.leaf IS NULL OR s.last_seen_at <= b.last_seen_at
)
SELECT h.cluster AS cluster, h.name AS name FROM hidden AS h GROUP BY h.cluster, h.name
