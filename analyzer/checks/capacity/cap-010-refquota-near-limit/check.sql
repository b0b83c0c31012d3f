WITH level AS (
  SELECT d.appliance AS appliance, d.path AS path, d.csi_volume_name AS csi_volume_name,
         d.refquota_bytes AS refquota_bytes, s.used_by_snapshots_bytes AS used_by_snapshots_bytes,
         CASE WHEN s.referenced_bytes > s.used_by_dataset_bytes THEN s.referenced_bytes
              WHEN s.used_by_dataset_bytes IS NOT NULL THEN s.used_by_dataset_bytes
              ELSE s.referenced_bytes END AS live_bytes
  FROM zfs_dataset AS d
  JOIN zfs_dataset_space AS s ON s.appliance = d.appliance AND s.path = d.path
  WHERE d.kind = 'FILESYSTEM' AND d.refquota_bytes > 0 AND d.csi_snapshot_name IS NULL
    AND COALESCE(d.is_readonly, FALSE) = FALSE
)
SELECT l.path AS subject, 'zfs_dataset' AS subject_table, l.appliance AS appliance,
       CASE WHEN l.live_bytes * 100.0 >= l.refquota_bytes * 1.0 * :high_percent THEN 'high'
            ELSE 'medium' END AS severity,
       CAST(FLOOR(l.live_bytes * 100.0 / NULLIF(l.refquota_bytes, 0)) AS BIGINT) AS used_percent,
       l.live_bytes AS live_bytes, l.refquota_bytes AS refquota_bytes,
       l.used_by_snapshots_bytes AS used_by_snapshots_bytes, l.csi_volume_name AS csi_volume_name
FROM level AS l
WHERE l.live_bytes * 100.0 >= l.refquota_bytes * 1.0 * :warn_percent
