-- Snapshot contents that promise a restore point on an appliance where an absence would be a fact.
WITH single AS (
  SELECT v.cluster AS cluster, v.driver AS driver, COUNT(*) AS n_appliances
  FROM visible_driver AS v
  GROUP BY v.cluster, v.driver
)
SELECT c.cluster AS cluster, c.name AS name, c.driver AS driver, c.handle_form AS handle_form,
       c.volume_path AS volume_path, c.volume_leaf AS volume_leaf, c.snapshot AS snapshot,
       c.detached_leaf AS detached_leaf, COALESCE(c.source_handle_leaf, c.volume_leaf) AS source_leaf,
       c.taken_at AS taken_at, c.created_at AS created_at, c.restore_size_bytes AS restore_size_bytes,
       v.appliance AS appliance
FROM k8s_volume_snapshot_content AS c
JOIN again_ok AS a ON a.cluster = c.cluster AND a.uid = c.uid
JOIN visible_driver AS v ON v.cluster = c.cluster AND v.driver = c.driver
JOIN single AS n ON n.cluster = c.cluster AND n.driver = c.driver
WHERE a.list = 'volumesnapshotcontents' AND n.n_appliances = 1 AND c.is_ready = TRUE AND c.deleting_at IS NULL
  AND c.handle_form IN ('attached', 'attached-path', 'detached')
