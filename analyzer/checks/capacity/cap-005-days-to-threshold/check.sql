WITH met AS (
  SELECT t.appliance AS appliance, t.pool AS pool, 'full' AS level, 0 AS n_mild, t.early_days_full AS early_days,
         t.median_days_full AS median_days, t.late_days_full AS late_days
  FROM history_pool_trend AS t
  WHERE t.early_days_full <= :medium_days
  UNION ALL
  SELECT t.appliance AS appliance, t.pool AS pool, '80-percent' AS level, 1 AS n_mild, t.early_days_80 AS early_days,
         t.median_days_80 AS median_days, t.late_days_80 AS late_days
  FROM history_pool_trend AS t
  WHERE t.early_days_80 <= :medium_days AND COALESCE(t.early_days_full, :medium_days + 1) > :medium_days
)
SELECT m.pool AS subject, 'nas_pool' AS subject_table, m.appliance AS appliance, m.level AS evidence_class,
       CASE WHEN m.n_mild = 0 AND m.early_days <= :critical_days THEN 'critical'
            WHEN m.n_mild = 0 AND m.early_days <= :high_days THEN 'high'
            WHEN m.n_mild = 0 THEN 'medium'
            WHEN m.early_days <= :critical_days THEN 'high'
            WHEN m.early_days <= :high_days THEN 'medium'
            ELSE 'low' END AS severity,
       CASE WHEN t.is_weak = TRUE THEN 'probable' ELSE 'confirmed' END AS grade,
       m.level AS level, m.early_days AS early_days, m.median_days AS median_days, m.late_days AS late_days,
       t.grown_bytes_per_day AS grown_bytes_per_day, t.n_readings AS n_readings, t.span_days AS span_days,
       CAST(FLOOR(s.used_bytes * 100.0 / NULLIF(s.used_bytes + s.available_bytes, 0)) AS BIGINT) AS used_percent
FROM met AS m
JOIN history_pool_trend AS t ON t.appliance = m.appliance AND t.pool = m.pool
JOIN nas_pool AS p ON p.appliance = m.appliance AND p.name = m.pool
JOIN zfs_dataset_space AS s ON s.appliance = m.appliance AND s.path = m.pool
WHERE p.status = 'ONLINE' OR p.status = 'DEGRADED'
