WITH judged AS (
  SELECT t.appliance AS appliance, t.pool AS pool, t.last_bytes_per_day AS last_bytes_per_day,
         t.mean_bytes_per_day AS mean_bytes_per_day, t.deviation_bytes_per_day AS deviation_bytes_per_day,
         t.n_paces_before AS n_paces_before, t.size_bytes AS size_bytes,
         CASE WHEN t.last_bytes_per_day * 100.0 > t.size_bytes * 1.0 * :percent
                   AND t.last_bytes_per_day * 1.0 > t.mean_bytes_per_day + t.deviation_bytes_per_day * 1.0 * :deviations
              THEN 'faster'
              WHEN t.is_last_outlier = TRUE AND t.last_bytes_per_day * 1000.0 > t.size_bytes * 1.0 * :outlier_permille
              THEN 'outlier' END AS cause
  FROM history_pool_trend AS t
)
SELECT j.pool AS subject, 'nas_pool' AS subject_table, j.appliance AS appliance, j.cause AS evidence_class,
       j.cause AS cause, j.last_bytes_per_day - j.mean_bytes_per_day AS bytes,
       j.last_bytes_per_day AS last_bytes_per_day, j.mean_bytes_per_day AS mean_bytes_per_day,
       j.deviation_bytes_per_day AS deviation_bytes_per_day, j.n_paces_before AS n_paces_before,
       CAST(FLOOR(s.used_bytes * 100.0 / NULLIF(s.used_bytes + s.available_bytes, 0)) AS BIGINT) AS used_percent
FROM judged AS j
JOIN nas_pool AS p ON p.appliance = j.appliance AND p.name = j.pool
JOIN zfs_dataset_space AS s ON s.appliance = j.appliance AND s.path = j.pool
WHERE j.cause IS NOT NULL AND (p.status = 'ONLINE' OR p.status = 'DEGRADED')
