-- What keeps a dataset from being destroyed: clones of its snapshots, and its snapshots by kind. A snapshot is the driver's
-- when it bears its own name as a mark that it did not inherit.
WITH clone AS (
  SELECT d.appliance AS appliance, d.origin_path AS path, COUNT(*) AS n_clones
  FROM zfs_dataset AS d
  WHERE d.origin_path IS NOT NULL
  GROUP BY d.appliance, d.origin_path
),
sorted AS (
  SELECT s.appliance AS appliance, s.dataset AS path,
         CASE WHEN s.n_holds > 0 THEN 1 ELSE 0 END AS n_held,
         CASE WHEN s.csi_snapshot_name = s.name AND COALESCE(s.csi_snapshot_name_source, 'unknown') <> 'inherited'
                THEN 1 ELSE 0 END AS n_csi,
         CASE WHEN s.class IN ('clone-source', 'detach-source', 'truenas-csi-clone') OR s.is_defer_destroy = TRUE
                THEN 1 ELSE 0 END AS n_internal
  FROM zfs_snapshot AS s
),
counted AS (
  SELECT s.appliance AS appliance, s.path AS path, SUM(s.n_held) AS n_held_snapshots, SUM(s.n_csi) AS n_csi_snapshots,
         SUM(CASE WHEN s.n_csi = 0 AND s.n_internal = 0 THEN 1 ELSE 0 END) AS n_foreign_snapshots
  FROM sorted AS s
  GROUP BY s.appliance, s.path
)
SELECT d.appliance AS appliance, d.path AS path, COALESCE(c.n_clones, 0) AS n_clones,
       COALESCE(n.n_held_snapshots, 0) AS n_held_snapshots, COALESCE(n.n_csi_snapshots, 0) AS n_csi_snapshots,
       COALESCE(n.n_foreign_snapshots, 0) AS n_foreign_snapshots
FROM zfs_dataset AS d
LEFT JOIN clone AS c ON c.appliance = d.appliance AND c.path = d.path
LEFT JOIN counted AS n ON n.appliance = d.appliance AND n.path = d.path
WHERE c.n_clones IS NOT NULL OR n.n_csi_snapshots IS NOT NULL
