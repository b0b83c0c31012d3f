-- PVs of which it is not known whether their dataset exists: it may be where nothing can be seen now, or the pool in their
-- handle or share is none that is online.
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
hidden AS (
  SELECT q.cluster AS cluster, q.name AS name
  FROM placed AS q
  ANTI JOIN usable AS u ON u.appliance = q.appliance AND u.pool = q.pool
  UNION ALL
  SELECT b.cluster AS cluster, b.name AS name FROM blind_home AS b
)
SELECT h.cluster AS cluster, h.name AS name FROM hidden AS h GROUP BY h.cluster, h.name
