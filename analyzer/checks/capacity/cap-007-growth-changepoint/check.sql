SELECT t.pool AS subject, 'nas_pool' AS subject_table, t.appliance AS appliance, t.step_at AS step_at,
       t.n_readings AS n_readings, t.grown_bytes_per_day AS grown_bytes_per_day, t.mean_bytes_per_day AS mean_bytes_per_day,
       CAST(FLOOR(s.used_bytes * 100.0 / NULLIF(s.used_bytes + s.available_bytes, 0)) AS BIGINT) AS used_percent
FROM history_pool_trend AS t
JOIN nas_pool AS p ON p.appliance = t.appliance AND p.name = t.pool
JOIN zfs_dataset_space AS s ON s.appliance = t.appliance AND s.path = t.pool
WHERE t.n_readings >= :min_readings AND t.step_at >= t.read_at - :recent_days * 86400
  AND (p.status = 'ONLINE' OR p.status = 'DEGRADED')
