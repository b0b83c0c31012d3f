WITH usable AS (
  SELECT s.appliance AS appliance, s.path AS pool, s.used_bytes + s.available_bytes AS usable_bytes
  FROM zfs_dataset_space AS s
  JOIN nas_pool AS p ON p.appliance = s.appliance AND p.name = s.path
),
unlimited AS (
  SELECT b.cluster AS cluster, b.name AS name, b.appliance AS appliance, b.path AS path, b.parent AS parent,
         b.pool AS pool, b.protocol AS protocol, b.storage_class AS storage_class, b.n_evidence AS n_evidence,
         b.capacity_bytes AS capacity_bytes
  FROM bound_volume AS b
  WHERE b.kind = 'FILESYSTEM' AND COALESCE(b.refquota_bytes, 0) = 0 AND COALESCE(b.quota_bytes, 0) = 0
)
SELECT u.path AS subject, 'zfs_dataset' AS subject_table, u.appliance AS appliance,
       CASE WHEN u.n_evidence >= 2 THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN d.quota_bytes > 0 THEN 'low' ELSE 'medium' END AS severity,
       CASE WHEN z.used_by_dataset_bytes > u.capacity_bytes THEN z.used_by_dataset_bytes - u.capacity_bytes
            ELSE 0 END AS bytes,
       u.cluster AS cluster, u.name AS pv, u.storage_class AS storage_class, u.protocol AS protocol,
       u.capacity_bytes AS capacity_bytes, z.used_by_dataset_bytes AS used_bytes,
       CASE WHEN d.quota_bytes > 0 THEN TRUE ELSE FALSE END AS has_parent_quota
FROM unlimited AS u
LEFT JOIN zfs_dataset AS d ON d.appliance = u.appliance AND d.path = u.parent
LEFT JOIN zfs_dataset_space AS z ON z.appliance = u.appliance AND z.path = u.path
LEFT JOIN usable AS p ON p.appliance = u.appliance AND p.pool = u.pool
WHERE p.usable_bytes IS NULL OR u.capacity_bytes < p.usable_bytes
