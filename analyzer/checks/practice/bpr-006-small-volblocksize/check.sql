WITH guest AS (
  SELECT e.appliance AS appliance, e.disk_path AS path, MAX(e.block_bytes) AS guest_bytes
  FROM nas_iscsi_extent AS e
  WHERE e.kind = 'DISK' AND e.disk_path IS NOT NULL
  GROUP BY e.appliance, e.disk_path
),
zvol AS (
  SELECT d.appliance AS appliance, d.parent AS parent, d.volblocksize_bytes AS block_bytes,
         CASE WHEN g.n_parity_vdevs > 0 AND d.volblocksize_bytes < :min_block_bytes THEN 1 ELSE 0 END AS n_on_raidz,
         CASE WHEN d.volblocksize_bytes < g.sector_bytes THEN 1 ELSE 0 END AS n_below_sector,
         CASE WHEN d.volblocksize_bytes < e.guest_bytes THEN 1 ELSE 0 END AS n_below_guest
  FROM zfs_dataset AS d
  LEFT JOIN pool_geometry AS g ON g.appliance = d.appliance AND g.pool = d.pool
  LEFT JOIN guest AS e ON e.appliance = d.appliance AND e.path = d.path
  WHERE d.kind = 'VOLUME' AND d.volblocksize_bytes > 0 AND d.csi_snapshot_name IS NULL
)
SELECT z.parent AS subject, 'zfs_dataset' AS subject_table, z.appliance AS appliance,
       CAST(z.block_bytes AS STRING) AS evidence_class, z.block_bytes AS volblocksize_bytes, COUNT(*) AS n_zvols,
       SUM(z.n_on_raidz) AS n_on_raidz, SUM(z.n_below_sector) AS n_below_sector, SUM(z.n_below_guest) AS n_below_guest
FROM zvol AS z
WHERE z.n_on_raidz + z.n_below_sector + z.n_below_guest > 0
GROUP BY z.appliance, z.parent, z.block_bytes
