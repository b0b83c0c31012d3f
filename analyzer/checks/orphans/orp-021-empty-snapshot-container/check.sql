WITH told AS (
  SELECT t.appliance AS appliance, t.parent AS parent FROM detached_parent AS t
  UNION ALL
  SELECT d.appliance AS appliance, d.grandparent AS parent
  FROM zfs_dataset AS d
  WHERE d.csi_snapshot_name = d.leaf AND d.is_managed = TRUE AND COALESCE(d.is_readonly, FALSE) = FALSE
    AND COALESCE(d.managed_source, 'unknown') IN ('local', 'unknown')
  UNION ALL
  SELECT d.appliance AS appliance, d.path AS parent
  FROM collect_driver AS c
  JOIN zfs_dataset AS d ON d.path = c.snapshots_parent
  WHERE COALESCE(d.is_readonly, FALSE) = FALSE
),
named AS (
  SELECT t.appliance AS appliance, t.parent AS parent FROM told AS t WHERE t.parent IS NOT NULL
  GROUP BY t.appliance, t.parent
),
shelf AS (
  SELECT n.* FROM named AS n ANTI JOIN inferred_parent AS k ON k.appliance = n.appliance AND k.parent = n.parent
),
container AS (
  SELECT d.appliance AS appliance, d.path AS path, d.parent AS parent, d.leaf AS leaf, d.leaf_uuid AS leaf_uuid,
         d.mount_path AS mount_path, z.used_bytes AS used_bytes,
         :now + COALESCE(f.offset_secs, 0) - d.created_at AS age_secs
  FROM zfs_dataset AS d
  JOIN shelf AS s ON s.appliance = d.appliance AND s.parent = d.parent
  JOIN pool_state AS p ON p.appliance = d.appliance AND p.pool = d.pool
  JOIN zfs_dataset_space AS z ON z.appliance = d.appliance AND z.path = d.path
  LEFT JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  LEFT JOIN clock_offset AS f ON f.appliance = d.appliance
  WHERE d.kind = 'FILESYSTEM' AND d.csi_snapshot_name IS NULL AND d.origin_path IS NULL AND p.is_usable = TRUE
    AND COALESCE(d.is_locked, FALSE) = FALSE AND COALESCE(d.is_readonly, FALSE) = FALSE
    AND (d.marker_family IS NULL AND o.source IS NULL OR o.source = 'inherited')
    AND z.used_by_dataset_bytes <= :max_empty_bytes
),
childless AS (
  SELECT c.* FROM container AS c ANTI JOIN zfs_dataset AS d ON d.appliance = c.appliance AND d.parent = c.path
),
home AS (
  SELECT k.parent AS path FROM known_parent AS k
  UNION ALL
  SELECT s.parent AS path FROM collect_scope AS s
  UNION ALL
  SELECT v.volumes_parent AS path FROM collect_driver AS v WHERE v.volumes_parent IS NOT NULL
  UNION ALL
  SELECT v.snapshots_parent AS path FROM collect_driver AS v WHERE v.snapshots_parent IS NOT NULL
),
homeless AS (
  SELECT c.* FROM childless AS c ANTI JOIN home AS h ON h.path = c.path
),
unshared AS (
  SELECT c.* FROM homeless AS c ANTI JOIN nas_nfs_share AS n ON n.appliance = c.appliance AND n.path = c.mount_path
),
unused AS (
  SELECT c.* FROM unshared AS c ANTI JOIN nas_smb_share AS m ON m.appliance = c.appliance AND m.path = c.mount_path
),
held AS (
  SELECT h.appliance AS appliance, h.parent AS path, COUNT(*) AS n_datasets
  FROM history_dataset AS h
  WHERE h.parent IS NOT NULL
  GROUP BY h.appliance, h.parent
),
volume AS (
  SELECT p.handle_leaf AS leaf, COUNT(*) AS n_volumes FROM k8s_pv AS p
  WHERE p.handle_leaf IS NOT NULL
  GROUP BY p.handle_leaf
),
former AS (
  SELECT h.handle_leaf AS leaf, COUNT(*) AS n_volumes FROM history_pv AS h
  WHERE h.handle_leaf IS NOT NULL
  GROUP BY h.handle_leaf
)
SELECT u.path AS subject, 'zfs_dataset' AS subject_table, u.appliance AS appliance, 'candidate' AS grade,
       u.used_bytes AS bytes,
       CASE WHEN h.n_datasets IS NOT NULL THEN 'held-datasets'
            WHEN v.n_volumes IS NOT NULL THEN 'volume'
            WHEN f.n_volumes IS NOT NULL THEN 'former-volume'
            WHEN u.leaf_uuid IS NOT NULL THEN 'claim-uid'
            ELSE 'none' END AS mark,
       u.parent AS snapshots_parent, u.age_secs AS age_secs
FROM unused AS u
LEFT JOIN held AS h ON h.appliance = u.appliance AND h.path = u.path
LEFT JOIN volume AS v ON v.leaf = u.leaf
LEFT JOIN former AS f ON f.leaf = u.leaf
WHERE u.age_secs >= :grace_secs
