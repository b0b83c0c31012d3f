SELECT b.path AS subject, 'zfs_dataset' AS subject_table, b.appliance AS appliance,
       CASE WHEN s.name IS NULL OR b.n_evidence < 2 THEN 'probable' ELSE 'confirmed' END AS grade,
       z.used_by_refreservation_bytes AS bytes,
       CASE WHEN s.name IS NULL THEN 'class-gone' ELSE 'not-told' END AS cause, b.cluster AS cluster, b.name AS pv,
       b.storage_class AS storage_class, b.volsize_bytes AS volsize_bytes, b.refreservation_bytes AS refreservation_bytes
FROM bound_volume AS b
JOIN k8s_pv AS p ON p.cluster = b.cluster AND p.name = b.name
LEFT JOIN k8s_storage_class AS s ON s.cluster = b.cluster AND s.name = b.storage_class
LEFT JOIN zfs_dataset_space AS z ON z.appliance = b.appliance AND z.path = b.path
WHERE p.family = 'truenas-csi' AND b.kind = 'VOLUME' AND b.volsize_bytes > 0
  AND b.refreservation_bytes >= b.volsize_bytes AND s.is_sparse IS NULL
