WITH placed AS (
  SELECT v.appliance AS appliance, CASE WHEN v.parent_is_encrypted = FALSE THEN v.parent ELSE v.path END AS path
  FROM csi_volume AS v
  WHERE v.is_encrypted = FALSE AND :has_disk_encryption = FALSE
)
SELECT p.path AS subject, 'zfs_dataset' AS subject_table, p.appliance AS appliance,
       CAST(:severity AS STRING) AS severity, COUNT(*) AS n_volumes
FROM placed AS p
GROUP BY p.appliance, p.path
