-- Ids of exports that democratic-csi stored on its own volumes, beside what bears that id now: whether it exists, whether
-- it serves this volume, and whether another one does.
WITH own AS (
  SELECT d.appliance AS appliance, d.path AS path, d.mount_path AS mount_path, d.assets_name AS assets_name,
         d.nfs_share_id AS nfs_share_id, d.smb_share_id AS smb_share_id, d.iscsi_target_id AS iscsi_target_id,
         d.iscsi_extent_id AS iscsi_extent_id, d.iscsi_target_extent_id AS iscsi_target_extent_id
  FROM zfs_dataset AS d
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE o.is_managed = TRUE AND o.is_resolved = TRUE AND s.is_usable = TRUE AND COALESCE(d.is_locked, FALSE) = FALSE
    AND COALESCE(d.is_readonly, FALSE) = FALSE
),
smb_listed AS (
  SELECT c.appliance AS appliance
  FROM collect_status AS c
  WHERE c.table = 'nas_smb_share' AND c.appliance IS NOT NULL
  GROUP BY c.appliance
  HAVING MIN(CASE WHEN c.outcome IN ('ok', 'empty') THEN 1 ELSE 0 END) = 1
),
stored AS (
  SELECT o.appliance AS appliance, o.path AS path, 'nfs-share' AS kind, o.nfs_share_id AS id FROM own AS o
  WHERE o.mount_path IS NOT NULL
  UNION ALL
  SELECT o.appliance AS appliance, o.path AS path, 'smb-share' AS kind, o.smb_share_id AS id FROM own AS o
  JOIN smb_listed AS l ON l.appliance = o.appliance
  WHERE o.mount_path IS NOT NULL
  UNION ALL
  SELECT o.appliance AS appliance, o.path AS path, 'target' AS kind, o.iscsi_target_id AS id FROM own AS o
  UNION ALL
  SELECT o.appliance AS appliance, o.path AS path, 'extent' AS kind, o.iscsi_extent_id AS id FROM own AS o
  UNION ALL
  SELECT o.appliance AS appliance, o.path AS path, 'link' AS kind, o.iscsi_target_extent_id AS id FROM own AS o
  WHERE o.iscsi_target_id IS NOT NULL AND o.iscsi_extent_id IS NOT NULL
),
found AS (
  SELECT r.appliance AS appliance, r.kind AS kind, r.id AS id, COUNT(*) AS n_rows
  FROM export_dataset AS r GROUP BY r.appliance, r.kind, r.id
),
serving AS (
  SELECT r.appliance AS appliance, r.kind AS kind, r.path AS path, COUNT(*) AS n_rows
  FROM export_dataset AS r WHERE r.path IS NOT NULL GROUP BY r.appliance, r.kind, r.path
),
exact AS (
  SELECT r.appliance AS appliance, r.kind AS kind, r.id AS id, r.path AS path, COUNT(*) AS n_rows
  FROM export_dataset AS r WHERE r.path IS NOT NULL GROUP BY r.appliance, r.kind, r.id, r.path
)
SELECT s.appliance AS appliance, s.path AS path, s.kind AS kind, s.id AS id,
       CASE WHEN f.n_rows IS NULL THEN FALSE ELSE TRUE END AS is_found,
       CASE WHEN x.n_rows IS NULL THEN FALSE ELSE TRUE END AS is_own,
       CASE WHEN v.n_rows IS NULL THEN FALSE ELSE TRUE END AS has_other
FROM stored AS s
LEFT JOIN found AS f ON f.appliance = s.appliance AND f.kind = s.kind AND f.id = s.id
LEFT JOIN exact AS x ON x.appliance = s.appliance AND x.kind = s.kind AND x.id = s.id AND x.path = s.path
LEFT JOIN serving AS v ON v.appliance = s.appliance AND v.kind = s.kind AND v.path = s.path
WHERE s.id IS NOT NULL
