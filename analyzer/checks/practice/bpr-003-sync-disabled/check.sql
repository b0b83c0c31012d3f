WITH placed AS (
  SELECT v.appliance AS appliance, CASE WHEN v.parent_sync = 'DISABLED' THEN v.parent ELSE v.path END AS path
  FROM csi_volume AS v
  WHERE v.sync = 'DISABLED'
)
SELECT p.path AS subject, 'zfs_dataset' AS subject_table, p.appliance AS appliance, COUNT(*) AS n_volumes
FROM placed AS p
GROUP BY p.appliance, p.path
