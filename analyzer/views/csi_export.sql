-- Exports with the dataset behind each, and whether the export itself bears the mark of a CSI driver.
WITH listed AS (
  SELECT s.appliance AS appliance, 'nas_nfs_share' AS subject_table, s.id AS id, s.path AS subject, d.path AS path,
         CASE WHEN s.comment_form IN ('democratic-csi', 'truenas-csi') THEN TRUE ELSE FALSE END AS is_marked,
         CAST(NULL AS STRING) AS name_uuid
  FROM nas_nfs_share AS s
  LEFT JOIN zfs_dataset AS d ON d.appliance = s.appliance AND d.mount_path = s.path
  UNION ALL
  SELECT m.appliance AS appliance, 'nas_smb_share' AS subject_table, m.id AS id, m.name AS subject, d.path AS path,
         FALSE AS is_marked, CAST(NULL AS STRING) AS name_uuid
  FROM nas_smb_share AS m
  LEFT JOIN zfs_dataset AS d ON d.appliance = m.appliance AND d.mount_path = m.path
  UNION ALL
  SELECT t.appliance AS appliance, 'nas_iscsi_target' AS subject_table, t.id AS id, t.name AS subject, i.disk_path AS path,
         CASE WHEN k.id IS NULL THEN FALSE ELSE TRUE END AS is_marked, t.name_uuid AS name_uuid
  FROM nas_iscsi_target AS t
  JOIN iscsi_chain AS i ON i.appliance = t.appliance AND i.target_id = t.id
  LEFT JOIN driver_target AS k ON k.appliance = t.appliance AND k.id = t.id
  WHERE i.disk_path IS NOT NULL
  UNION ALL
  SELECT y.appliance AS appliance, 'nas_nvmet_subsys' AS subject_table, y.id AS id, y.name AS subject, n.device_path AS path,
         CASE WHEN y.name_uuid IS NULL THEN FALSE ELSE TRUE END AS is_marked, y.name_uuid AS name_uuid
  FROM nas_nvmet_subsys AS y
  JOIN nas_nvmet_namespace AS n ON n.appliance = y.appliance AND n.subsys_id = y.id
  WHERE n.device_path IS NOT NULL
)
SELECT l.*, COALESCE(b.n_sessions, 0) AS n_sessions
FROM listed AS l
LEFT JOIN export_session AS b ON b.appliance = l.appliance AND b.subject_table = l.subject_table AND b.id = l.id
