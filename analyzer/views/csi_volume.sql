-- Datasets behind CSI volumes, with the settings of the parent, where one change helps all of its volumes. A volume
-- bears the driver's own mark, or a PV leads to it. Replicas and detached snapshots are not written by anybody.
WITH joined AS (
  SELECT v.appliance AS appliance, v.path AS path, COUNT(*) AS n_pvs
  FROM volume_join AS v
  GROUP BY v.appliance, v.path
)
SELECT d.appliance AS appliance, d.path AS path, d.parent AS parent, d.pool AS pool, d.kind AS kind,
       d.refreservation_bytes AS refreservation_bytes, d.reservation_bytes AS reservation_bytes,
       d.csi_volume_name AS csi_volume_name, d.sync AS sync, d.compression AS compression, d.is_dedup AS is_dedup,
       d.is_encrypted AS is_encrypted, u.sync AS parent_sync, u.compression AS parent_compression,
       u.is_dedup AS parent_is_dedup, u.is_encrypted AS parent_is_encrypted
FROM zfs_dataset AS d
LEFT JOIN zfs_dataset AS u ON u.appliance = d.appliance AND u.path = d.parent
LEFT JOIN joined AS j ON j.appliance = d.appliance AND j.path = d.path
LEFT JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
WHERE (j.n_pvs IS NOT NULL OR o.is_managed = TRUE AND o.is_resolved = TRUE)
  AND d.csi_snapshot_name IS NULL AND COALESCE(d.is_readonly, FALSE) = FALSE
