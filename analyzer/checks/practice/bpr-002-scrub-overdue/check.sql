WITH task AS (
  SELECT t.appliance AS appliance, t.pool AS pool, COUNT(*) AS n_tasks,
         MIN(CASE WHEN COALESCE(t.longest_gap_secs, 9999999999) > :max_wait_days * 86400 THEN :max_wait_days * 86400
                  ELSE t.longest_gap_secs END) AS wait_secs
  FROM nas_scrub_task AS t
  WHERE t.is_enabled = TRUE
  GROUP BY t.appliance, t.pool
),
scrub AS (
  SELECT p.appliance AS appliance, p.name AS name, p.scan_function AS scan_function, p.scan_state AS scan_state,
         CASE WHEN p.scan_function = 'SCRUB' AND p.scan_state = 'FINISHED' THEN p.scan_ended_at
              WHEN p.scan_function IS NOT NULL THEN p.scan_started_at
              ELSE d.created_at END AS newest_at
  FROM nas_pool AS p
  JOIN pool_state AS s ON s.appliance = p.appliance AND s.pool = p.name
  LEFT JOIN zfs_dataset AS d ON d.appliance = p.appliance AND d.path = p.name
  WHERE s.is_usable = TRUE
),
aged AS (
  SELECT b.appliance AS appliance, b.name AS name, b.scan_function AS scan_function, b.scan_state AS scan_state,
         b.newest_at AS newest_at, :now + COALESCE(o.offset_secs, 0) - b.newest_at AS age_secs,
         COALESCE(t.n_tasks, 0) AS n_tasks, :max_days * 86400 + COALESCE(t.wait_secs, 0) AS limit_secs
  FROM scrub AS b
  LEFT JOIN task AS t ON t.appliance = b.appliance AND t.pool = b.name
  LEFT JOIN clock_offset AS o ON o.appliance = b.appliance
)
SELECT a.name AS subject, 'nas_pool' AS subject_table, a.appliance AS appliance, a.age_secs AS age_secs,
       a.limit_secs AS limit_secs, a.newest_at AS newest_at, a.scan_function AS scan_function,
       a.scan_state AS scan_state, a.n_tasks AS n_tasks
FROM aged AS a
WHERE a.age_secs > a.limit_secs
