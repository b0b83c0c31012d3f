-- Who made each snapshot, on what, and how many clones depend on it. A driver's mark counts when it names the snapshot
-- itself; a mark of the dataset is inherited. A name as the sidecar gives it, without the mark, is the vendor's driver
-- or an interrupted snapshot.
WITH clone AS (
  SELECT d.appliance AS appliance, d.origin_path AS dataset, d.origin_snapshot AS name, COUNT(*) AS n_clones
  FROM zfs_dataset AS d
  WHERE d.origin_path IS NOT NULL AND d.origin_snapshot IS NOT NULL
  GROUP BY d.appliance, d.origin_path, d.origin_snapshot
)
SELECT s.appliance AS appliance, s.dataset AS dataset, s.name AS name, s.dataset_parent AS dataset_parent,
       s.dataset_leaf AS dataset_leaf, s.uuid AS uuid, s.schema AS schema, s.created_at AS created_at,
       s.used_bytes AS used_bytes, s.n_holds AS n_holds, s.is_defer_destroy AS is_defer_destroy, s.ref_leaf AS ref_leaf,
       CASE WHEN s.class = 'csi' AND s.csi_snapshot_name = s.name AND s.csi_snapshot_name_source IN ('local', 'unknown')
            THEN 'democratic-csi'
            WHEN s.class = 'csi' THEN 'sidecar'
            ELSE s.class END AS origin,
       CASE WHEN s.class IN ('csi', 'clone-source', 'detach-source', 'truenas-csi-clone') THEN TRUE
            WHEN s.class IN ('periodic', 'foreign') THEN FALSE END AS is_driver_made,
       CASE WHEN o.source = 'received' OR s.csi_snapshot_name_source = 'received'
                 OR COALESCE(d.is_readonly, FALSE) = TRUE THEN TRUE
            ELSE FALSE END AS is_replica,
       COALESCE(o.is_resolved, FALSE) AS is_resolved, COALESCE(o.source, 'none') AS owner_source,
       COALESCE(c.n_clones, 0) AS n_clones
FROM zfs_snapshot AS s
LEFT JOIN zfs_dataset AS d ON d.appliance = s.appliance AND d.path = s.dataset
LEFT JOIN dataset_owner AS o ON o.appliance = s.appliance AND o.path = s.dataset
LEFT JOIN clone AS c ON c.appliance = s.appliance AND c.dataset = s.dataset AND c.name = s.name
