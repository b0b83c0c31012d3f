-- Parents of detached snapshots, read off the datasets that answer to detached handles where the driver has its volumes.
WITH home AS (
  SELECT i.cluster AS cluster, i.driver AS driver, i.appliance AS appliance, COUNT(*) AS n_parents
  FROM inferred_parent AS i
  GROUP BY i.cluster, i.driver, i.appliance
),
detached AS (
  SELECT c.cluster AS cluster, c.driver AS driver, d.appliance AS appliance, d.grandparent AS parent
  FROM k8s_volume_snapshot_content AS c
  JOIN zfs_dataset AS d ON d.parent_leaf = c.volume_leaf AND d.leaf = c.detached_leaf
  WHERE c.handle_form = 'detached' AND d.grandparent IS NOT NULL AND d.csi_snapshot_name = d.leaf
    AND COALESCE(d.is_readonly, FALSE) = FALSE AND COALESCE(d.managed_source, 'unknown') IN ('local', 'unknown')
)
SELECT t.cluster AS cluster, t.driver AS driver, t.appliance AS appliance, t.parent AS parent, COUNT(*) AS n_snapshots
FROM detached AS t
JOIN home AS h ON h.cluster = t.cluster AND h.driver = t.driver AND h.appliance = t.appliance
GROUP BY t.cluster, t.driver, t.appliance, t.parent
