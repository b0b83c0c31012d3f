SELECT d.path AS subject, 'zfs_dataset' AS subject_table, d.appliance AS appliance,
       s.used_by_dataset_bytes + s.used_by_refreservation_bytes - d.refreservation_bytes AS bytes,
       d.refreservation_bytes AS refreservation_bytes, s.used_by_refreservation_bytes AS used_by_refreservation_bytes,
       s.used_by_dataset_bytes AS used_by_dataset_bytes, s.used_by_snapshots_bytes AS used_by_snapshots_bytes,
       s.used_bytes AS used_bytes, d.csi_volume_name AS csi_volume_name
FROM zfs_dataset AS d
JOIN zfs_dataset_space AS s ON s.appliance = d.appliance AND s.path = d.path
WHERE d.refreservation_bytes > 0 AND d.csi_snapshot_name IS NULL
  AND s.used_by_refreservation_bytes * 100.0 >= d.refreservation_bytes * 1.0 * :min_unused_percent
  AND s.used_by_dataset_bytes * 100.0 >= d.refreservation_bytes * 1.0 * :min_live_percent
