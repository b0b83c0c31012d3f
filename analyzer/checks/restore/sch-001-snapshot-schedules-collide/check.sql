WITH task AS (
  SELECT v.appliance AS appliance, v.task_id AS task_id, v.path AS path, v.schema AS schema,
         t.longest_gap_secs AS gap_secs, t.dataset AS dataset
  FROM task_coverage AS v
  JOIN nas_snapshot_task AS t ON t.appliance = v.appliance AND t.id = v.task_id
  WHERE v.is_enabled = TRUE AND v.schema IS NOT NULL
),
pair AS (
  SELECT a.appliance AS appliance, a.path AS path, a.dataset AS dataset, a.task_id AS task_id,
         b.task_id AS other_task_id, a.schema AS schema, b.schema AS other_schema, a.gap_secs AS gap_secs,
         CASE WHEN a.schema = b.schema THEN TRUE ELSE FALSE END AS is_same_schema,
         CASE WHEN a.gap_secs = b.gap_secs THEN TRUE ELSE FALSE END AS is_same_period
  FROM task AS a
  JOIN task AS b ON b.appliance = a.appliance AND b.path = a.path AND b.task_id > a.task_id
),
taken AS (
  SELECT s.appliance AS appliance, s.dataset AS path, s.schema AS schema,
         CAST(FLOOR(s.created_at / 60.0) AS BIGINT) AS minute
  FROM zfs_snapshot AS s
  LEFT JOIN clock_offset AS o ON o.appliance = s.appliance
  WHERE s.class = 'periodic' AND s.created_at >= :now + COALESCE(o.offset_secs, 0) - :window_days * 86400
),
met AS (
  SELECT p.appliance AS appliance, p.path AS path, p.task_id AS task_id, p.other_task_id AS other_task_id,
         COUNT(DISTINCT a.minute) AS n_moments
  FROM pair AS p
  JOIN taken AS a ON a.appliance = p.appliance AND a.path = p.path AND a.schema = p.schema
  JOIN taken AS b ON b.appliance = a.appliance AND b.path = a.path AND b.schema = p.other_schema AND b.minute = a.minute
  WHERE p.is_same_schema = FALSE AND p.is_same_period = TRUE
  GROUP BY p.appliance, p.path, p.task_id, p.other_task_id
),
cause AS (
  SELECT p.appliance AS appliance, p.dataset AS dataset, p.task_id AS task_id, p.other_task_id AS other_task_id,
         CASE WHEN p.is_same_schema = TRUE THEN 'same-schema' ELSE 'same-moment' END AS cause,
         COALESCE(m.n_moments, 0) AS n_moments
  FROM pair AS p
  LEFT JOIN met AS m ON m.appliance = p.appliance AND m.path = p.path AND m.task_id = p.task_id
       AND m.other_task_id = p.other_task_id
  WHERE p.is_same_schema = TRUE OR m.n_moments >= :min_moments
)
SELECT c.dataset AS subject, 'nas_snapshot_task' AS subject_table, c.appliance AS appliance,
       CAST(c.task_id AS STRING) || '+' || CAST(c.other_task_id AS STRING) AS evidence_class,
       CASE WHEN c.cause = 'same-schema' THEN 'medium' ELSE 'low' END AS severity, c.cause AS cause,
       c.task_id AS task_id, c.other_task_id AS other_task_id, COUNT(*) AS n_datasets, MAX(c.n_moments) AS n_moments
FROM cause AS c
GROUP BY c.dataset, c.appliance, c.task_id, c.other_task_id, c.cause
