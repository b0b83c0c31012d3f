WITH task AS (
  SELECT t.appliance AS appliance, t.pool AS pool,
         MIN(CASE WHEN t.threshold_days * 86400 > t.longest_gap_secs THEN t.threshold_days * 86400
                  ELSE t.longest_gap_secs END) AS period_secs
  FROM nas_scrub_task AS t
  WHERE t.is_enabled = TRUE AND t.longest_gap_secs > 0
  GROUP BY t.appliance, t.pool
),
scan AS (
  SELECT p.appliance AS appliance, p.name AS name, p.scan_function AS scan_function, p.scan_state AS scan_state,
         p.scan_percent AS scan_percent, p.scan_started_at AS scan_started_at,
         COALESCE(p.is_scan_paused, FALSE) AS is_paused,
         CASE WHEN p.scan_function = 'SCRUB' THEN t.period_secs ELSE CAST(NULL AS BIGINT) END AS period_secs,
         CASE WHEN p.scan_state = 'FINISHED' THEN p.scan_ended_at - p.scan_started_at
              ELSE :now + COALESCE(o.offset_secs, 0) - p.scan_started_at END AS lasted_secs
  FROM nas_pool AS p
  JOIN pool_state AS s ON s.appliance = p.appliance AND s.pool = p.name
  LEFT JOIN task AS t ON t.appliance = p.appliance AND t.pool = p.name
  LEFT JOIN clock_offset AS o ON o.appliance = p.appliance
  WHERE p.scan_state IN ('SCANNING', 'FINISHED') AND p.scan_function IN ('SCRUB', 'RESILVER') AND s.is_usable = TRUE
),
judged AS (
  SELECT c.*,
         CASE WHEN c.is_paused = TRUE AND c.scan_state = 'SCANNING' THEN
                CASE WHEN c.lasted_secs > :long_secs THEN 'paused' ELSE 'none' END
              WHEN c.lasted_secs * 100 > c.period_secs * :share_percent THEN 'large-share'
              WHEN c.lasted_secs > :long_secs THEN 'long'
              ELSE 'none' END AS cause,
         CASE WHEN c.scan_state = 'SCANNING' AND c.scan_percent >= 5 AND c.is_paused = FALSE
                THEN CAST(FLOOR(c.lasted_secs * 100.0 / NULLIF(c.scan_percent, 0)) AS BIGINT)
              ELSE CAST(NULL AS BIGINT) END AS expected_secs
  FROM scan AS c
)
SELECT j.name AS subject, 'nas_pool' AS subject_table, j.appliance AS appliance, j.cause AS evidence_class,
       CASE WHEN j.cause = 'large-share' OR j.scan_function = 'RESILVER' THEN 'medium' ELSE 'low' END AS severity,
       j.cause AS cause, j.scan_function AS scan_function, j.scan_state AS scan_state, j.scan_started_at AS scan_started_at,
       j.lasted_secs AS lasted_secs, j.expected_secs AS expected_secs, j.scan_percent AS scan_percent,
       j.period_secs AS period_secs
FROM judged AS j
WHERE j.cause <> 'none'
