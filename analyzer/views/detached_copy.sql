-- Detached snapshots: datasets that a driver copied a volume to, with what they hold and what keeps them.
WITH kept AS (
  SELECT c.appliance AS appliance, c.path AS path, SUM(c.n_clones) AS n_clones
  FROM cloned_dataset AS c
  GROUP BY c.appliance, c.path
)
SELECT d.appliance AS appliance, d.pool AS pool, d.path AS path, d.created_at AS created_at, z.used_bytes AS used_bytes,
       COALESCE(k.n_clones, 0) AS n_clones
FROM zfs_dataset AS d
LEFT JOIN zfs_dataset_space AS z ON z.appliance = d.appliance AND z.path = d.path
LEFT JOIN kept AS k ON k.appliance = d.appliance AND k.path = d.path
WHERE d.csi_snapshot_name = d.leaf AND d.is_managed = TRUE AND COALESCE(d.is_readonly, FALSE) = FALSE
  AND COALESCE(d.managed_source, 'unknown') IN ('local', 'unknown')
