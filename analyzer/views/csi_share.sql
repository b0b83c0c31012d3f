-- NFS shares that serve CSI volumes: a PV mounts the path, the comment names a driver, or the path is a parent of volumes.
WITH volume AS (
  SELECT l.appliance AS appliance, d.mount_path AS path, COUNT(*) AS n_volumes
  FROM volume_link AS l
  JOIN zfs_dataset AS d ON d.appliance = l.appliance AND d.path = l.path
  WHERE l.evidence = 'share'
  GROUP BY l.appliance, d.mount_path
),
above AS (
  SELECT k.appliance AS appliance, d.mount_path AS path, COUNT(*) AS n_parents
  FROM known_parent AS k
  JOIN zfs_dataset AS d ON d.appliance = k.appliance AND d.path = k.parent
  WHERE d.mount_path IS NOT NULL
  GROUP BY k.appliance, d.mount_path
)
SELECT n.appliance AS appliance, n.id AS id, n.path AS path, n.is_readonly AS is_readonly, n.is_open AS is_open,
       n.maproot AS maproot, n.mapall AS mapall, COALESCE(v.n_volumes, 0) AS n_volumes,
       CASE WHEN a.n_parents IS NULL THEN FALSE ELSE TRUE END AS is_parent
FROM nas_nfs_share AS n
LEFT JOIN volume AS v ON v.appliance = n.appliance AND v.path = n.path
LEFT JOIN above AS a ON a.appliance = n.appliance AND a.path = n.path
WHERE n.is_enabled = TRUE AND COALESCE(n.is_locked, FALSE) = FALSE
  AND (v.n_volumes IS NOT NULL OR a.n_parents IS NOT NULL OR n.comment_form IN ('democratic-csi', 'truenas-csi'))
