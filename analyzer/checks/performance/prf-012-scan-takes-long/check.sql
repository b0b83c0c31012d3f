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
looked AS (
  SELECT l.appliance AS appliance, COUNT(*) AS n_lists
  FROM bundle_list AS l
  WHERE l.table_name = 'nas_pool' AND :now - l.ended_at < :seen_secs
  GROUP BY l.appliance
),
met AS (
  SELECT h.appliance AS appliance, h.name AS name, SUM(h.n_bundles) AS n_seen
  FROM history_scan AS h
  WHERE h.scan_state = 'SCANNING' AND :now - h.first_seen_at < :seen_secs
  GROUP BY h.appliance, h.name
),
past AS (
  SELECT h.appliance AS appliance, h.name AS name, h.scan_started_at AS scan_started_at,
         h.scan_ended_at - h.scan_started_at AS lasted_secs
  FROM history_scan AS h
  WHERE h.scan_function = 'SCRUB' AND h.scan_state = 'FINISHED' AND h.scan_ended_at >= h.scan_started_at
),
earlier AS (
  SELECT c.appliance AS appliance, c.name AS name, COUNT(*) AS n_earlier, MEDIAN(p.lasted_secs) AS earlier_secs
  FROM scan AS c
  JOIN past AS p ON p.appliance = c.appliance AND p.name = c.name AND p.scan_started_at < c.scan_started_at
  WHERE c.scan_function = 'SCRUB'
  GROUP BY c.appliance, c.name
),
compared AS (
  SELECT c.*, l.n_lists AS n_lists, m.n_seen AS n_seen, e.n_earlier AS n_earlier, e.earlier_secs AS earlier_secs
  FROM scan AS c
  LEFT JOIN looked AS l ON l.appliance = c.appliance
  LEFT JOIN met AS m ON m.appliance = c.appliance AND m.name = c.name
  LEFT JOIN earlier AS e ON e.appliance = c.appliance AND e.name = c.name
),
judged AS (
  SELECT c.*,
         CASE WHEN c.is_paused = TRUE AND c.scan_state = 'SCANNING' THEN
                CASE WHEN c.lasted_secs > :long_secs THEN 'paused' ELSE 'none' END
              WHEN c.lasted_secs * 100 > c.period_secs * :share_percent THEN 'large-share'
              WHEN c.lasted_secs > :long_secs THEN 'long'
              WHEN c.n_earlier >= :min_scans AND c.lasted_secs - c.earlier_secs >= :slower_secs
                AND c.lasted_secs * 100 >= c.earlier_secs * (100 + :slower_percent) THEN 'slower'
              WHEN c.n_lists >= :min_lists AND c.n_seen * 100 > c.n_lists * :seen_percent THEN 'often'
              ELSE 'none' END AS cause,
         CASE WHEN c.scan_state = 'SCANNING' AND c.scan_percent >= 5 AND c.is_paused = FALSE
                THEN CAST(FLOOR(c.lasted_secs * 100.0 / NULLIF(c.scan_percent, 0)) AS BIGINT)
              ELSE CAST(NULL AS BIGINT) END AS expected_secs
  FROM compared AS c
)
SELECT j.name AS subject, 'nas_pool' AS subject_table, j.appliance AS appliance, j.cause AS evidence_class,
       CASE WHEN j.cause IN ('large-share', 'slower') OR j.scan_function = 'RESILVER' THEN 'medium'
            ELSE 'low' END AS severity,
       j.cause AS cause, j.scan_function AS scan_function, j.scan_state AS scan_state, j.scan_started_at AS scan_started_at,
       j.lasted_secs AS lasted_secs, j.expected_secs AS expected_secs, j.scan_percent AS scan_percent,
       j.period_secs AS period_secs, j.n_earlier AS n_earlier_scans,
       CAST(FLOOR(j.earlier_secs) AS BIGINT) AS earlier_median_secs, j.n_seen AS n_seen_scanning, j.n_lists AS n_lists
FROM judged AS j
WHERE j.cause <> 'none'
