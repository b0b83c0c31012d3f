WITH task AS (
  SELECT v.appliance AS appliance, v.task_id AS task_id, v.path AS path, v.schema AS schema,
         t.longest_gap_secs AS gap_secs, t.state AS state, d.created_at AS created_at,
         :now + COALESCE(o.offset_secs, 0) AS now_at,
         CASE WHEN t.longest_gap_secs <= 3600 THEN :hourly_warn_secs WHEN t.longest_gap_secs = 86400 THEN :daily_warn_secs
              WHEN t.longest_gap_secs >= 2419200 AND t.longest_gap_secs <= 2678400 THEN :monthly_warn_secs
              ELSE t.longest_gap_secs * :other_warn_percent / 100.0 END AS warn_secs,
         CASE WHEN t.longest_gap_secs <= 3600 THEN :hourly_high_secs WHEN t.longest_gap_secs = 86400 THEN :daily_high_secs
              WHEN t.longest_gap_secs >= 2419200 AND t.longest_gap_secs <= 2678400 THEN :monthly_high_secs
              ELSE t.longest_gap_secs * :other_high_percent / 100.0 END AS high_secs
  FROM task_coverage AS v
  JOIN nas_snapshot_task AS t ON t.appliance = v.appliance AND t.id = v.task_id
  JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  LEFT JOIN zfs_dataset_space AS z ON z.appliance = d.appliance AND z.path = d.path
  LEFT JOIN clock_offset AS o ON o.appliance = v.appliance
  WHERE t.is_enabled = TRUE AND t.longest_gap_secs IS NOT NULL AND v.schema IS NOT NULL AND d.is_locked = FALSE
    AND s.is_usable = TRUE AND (t.is_empty_allowed = TRUE OR z.written_bytes > 0)
),
dated AS (
  SELECT s.appliance AS appliance, s.dataset AS path, s.schema AS schema, s.created_at AS created_at,
         CASE WHEN s.created_at > :now + COALESCE(o.offset_secs, 0) + :future_secs THEN 1 ELSE 0 END AS n_future
  FROM zfs_snapshot AS s
  LEFT JOIN clock_offset AS o ON o.appliance = s.appliance
  WHERE s.created_at IS NOT NULL AND s.schema IS NOT NULL
),
newest AS (
  SELECT f.appliance AS appliance, f.path AS path, f.schema AS schema, SUM(f.n_future) AS n_future,
         MAX(CASE WHEN f.n_future = 0 THEN f.created_at ELSE NULL END) AS created_at
  FROM dated AS f
  GROUP BY f.appliance, f.path, f.schema
),
measured AS (
  SELECT t.*, n.created_at AS newest_at, COALESCE(n.n_future, 0) AS n_future,
         t.now_at - COALESCE(n.created_at, t.created_at) AS age_secs
  FROM task AS t
  LEFT JOIN newest AS n ON n.appliance = t.appliance AND n.path = t.path AND n.schema = t.schema
)
SELECT m.path AS subject, 'zfs_dataset' AS subject_table, m.appliance AS appliance,
       CAST(m.task_id AS STRING) AS evidence_class,
       CASE WHEN m.age_secs > m.warn_secs AND m.newest_at IS NULL THEN 'probable' ELSE 'confirmed' END AS grade,
       CASE WHEN m.age_secs > m.high_secs THEN 'high' WHEN m.age_secs > m.warn_secs THEN 'medium' ELSE 'low' END AS severity,
       CASE WHEN m.age_secs > m.warn_secs AND m.newest_at IS NULL THEN 'no-snapshot' WHEN m.age_secs > m.warn_secs THEN 'stale'
            ELSE 'dated-in-future' END AS cause,
       m.task_id AS task_id, m.age_secs AS age_secs, m.gap_secs AS period_secs, m.n_future AS n_future, m.state AS state
FROM measured AS m
WHERE m.age_secs > m.warn_secs OR m.n_future > 0
