WITH root AS (
  SELECT p.appliance AS appliance, p.name AS name, s.used_bytes AS used_bytes,
         s.used_bytes + s.available_bytes AS usable_bytes, p.allocated_bytes AS allocated_bytes,
         p.size_bytes AS size_bytes
  FROM nas_pool AS p
  JOIN pool_state AS t ON t.appliance = p.appliance AND t.pool = p.name
  JOIN zfs_dataset_space AS s ON s.appliance = p.appliance AND s.path = p.name
  WHERE t.is_usable = TRUE AND s.used_bytes + s.available_bytes > 0
),
filled AS (
  SELECT r.*,
         CAST(FLOOR(r.used_bytes * 100.0 / NULLIF(r.usable_bytes, 0)) AS BIGINT) AS used_percent,
         CAST(FLOOR(r.allocated_bytes * 100.0 / NULLIF(r.size_bytes, 0)) AS BIGINT) AS raw_percent,
         CAST(FLOOR(r.usable_bytes * :warn_percent / 100.0) AS BIGINT) AS warn_bytes
  FROM root AS r
)
SELECT f.name AS subject, 'nas_pool' AS subject_table, f.appliance AS appliance,
       CASE WHEN f.used_percent >= :critical_percent THEN 'critical'
            WHEN f.used_percent >= :high_percent THEN 'high'
            WHEN f.used_percent >= :warn_percent THEN 'medium'
            ELSE 'info' END AS severity,
       CASE WHEN f.used_bytes > f.warn_bytes THEN f.used_bytes - f.warn_bytes ELSE 0 END AS bytes,
       f.used_percent AS used_percent, f.raw_percent AS raw_percent, f.used_bytes AS used_bytes,
       f.usable_bytes AS usable_bytes
FROM filled AS f
WHERE f.used_percent >= :info_percent
