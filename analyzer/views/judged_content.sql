-- Snapshot contents that promise a restore point on an appliance where an absence would be a fact.
WITH single AS (
  SELECT v.cluster AS cluster, v.driver AS driver, COUNT(*) AS n_appliances
  FROM visible_driver AS v
  GROUP BY v.cluster, v.driver
),
promised AS (
  SELECT c.cluster AS cluster, c.name AS name, c.driver AS driver, c.handle_form AS handle_form,
         c.volume_path AS volume_path, c.volume_leaf AS volume_leaf, c.snapshot AS snapshot,
         c.detached_leaf AS detached_leaf, COALESCE(c.source_handle_leaf, c.volume_leaf) AS source_leaf,
         c.taken_at AS taken_at, c.created_at AS created_at, c.restore_size_bytes AS restore_size_bytes,
         v.appliance AS appliance
  FROM k8s_volume_snapshot_content AS c
  JOIN again_content AS a ON a.cluster = c.cluster AND a.uid = c.uid
  JOIN visible_driver AS v ON v.cluster = c.cluster AND v.driver = c.driver
  JOIN single AS n ON n.cluster = c.cluster AND n.driver = c.driver
  WHERE n.n_appliances = 1 AND c.is_ready = TRUE AND c.deleting_at IS NULL
    AND c.handle_form IN ('attached', 'attached-path', 'detached')
),
usable AS (
  SELECT s.appliance AS appliance, s.pool AS pool FROM pool_state AS s WHERE s.is_usable = TRUE
),
named AS (
  SELECT p.cluster AS cluster, p.name AS name, p.appliance AS appliance, h.volume_pool AS pool
  FROM promised AS p
  JOIN history_content AS h ON h.cluster = p.cluster AND h.name = p.name
  WHERE h.volume_pool IS NOT NULL
),
hidden AS (
  SELECT n.* FROM named AS n ANTI JOIN usable AS u ON u.appliance = n.appliance AND u.pool = n.pool
),
in_sight AS (
  SELECT p.* FROM promised AS p ANTI JOIN hidden AS h ON h.cluster = p.cluster AND h.name = p.name
),
shelf AS (
  SELECT h.appliance AS appliance, h.path AS path
  FROM history_dataset AS h
  JOIN detached_parent AS k ON k.appliance = h.appliance AND k.parent = h.parent
  GROUP BY h.appliance, h.path
),
seen_copy AS (
  SELECT h.appliance AS appliance, h.leaf AS leaf, MAX(h.last_seen_at) AS last_seen_at
  FROM history_dataset AS h
  JOIN shelf AS k ON k.appliance = h.appliance AND k.path = h.parent
  JOIN usable AS u ON u.appliance = h.appliance AND u.pool = h.pool
  GROUP BY h.appliance, h.leaf
),
blind_copy AS (
  SELECT b.appliance AS appliance, b.leaf AS leaf
  FROM blind_dataset AS b
  LEFT JOIN seen_copy AS s ON s.appliance = b.appliance AND s.leaf = b.leaf
  WHERE s.leaf IS NULL OR s.last_seen_at <= b.last_seen_at
),
attached AS (
  SELECT i.* FROM in_sight AS i ANTI JOIN blind_leaf AS b ON b.appliance = i.appliance AND b.leaf = i.volume_leaf
)
SELECT a.* FROM attached AS a ANTI JOIN blind_copy AS b ON b.appliance = a.appliance AND b.leaf = a.detached_leaf
