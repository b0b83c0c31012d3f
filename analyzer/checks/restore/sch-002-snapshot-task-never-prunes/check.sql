WITH alone AS (
  SELECT v.appliance AS appliance, v.path AS path, v.schema AS schema, COUNT(*) AS n_tasks, MAX(v.task_id) AS task_id
  FROM task_coverage AS v
  WHERE v.schema IS NOT NULL
  GROUP BY v.appliance, v.path, v.schema
  HAVING COUNT(*) = 1
),
aged AS (
  SELECT a.appliance AS appliance, a.task_id AS task_id, s.used_bytes AS used_bytes, l.lifetime_secs AS lifetime_secs,
         :now + COALESCE(o.offset_secs, 0) - s.created_at AS age_secs, COALESCE(l.period_secs, 0) AS period_secs
  FROM alone AS a
  JOIN snapshot_origin AS s ON s.appliance = a.appliance AND s.dataset = a.path AND s.schema = a.schema
  JOIN task_lifetime AS l ON l.appliance = a.appliance AND l.task_id = a.task_id
  LEFT JOIN clock_offset AS o ON o.appliance = a.appliance
  WHERE s.origin = 'periodic' AND s.n_clones = 0 AND COALESCE(s.n_holds, 0) = 0
    AND COALESCE(s.is_defer_destroy, FALSE) = FALSE AND s.created_at IS NOT NULL
),
counted AS (
  SELECT g.appliance AS appliance, g.task_id AS task_id, COUNT(*) AS n_snapshots, MAX(g.age_secs) AS age_secs,
         SUM(CASE WHEN g.age_secs > g.lifetime_secs + g.period_secs THEN 1 ELSE 0 END) AS n_over,
         SUM(CASE WHEN g.age_secs <= g.lifetime_secs THEN 1 ELSE 0 END) AS n_within
  FROM aged AS g
  GROUP BY g.appliance, g.task_id
),
judged AS (
  SELECT t.appliance AS appliance, t.id AS task_id, t.dataset AS dataset, t.is_enabled AS is_enabled,
         l.lifetime_secs AS lifetime_secs, l.period_secs AS period_secs, COALESCE(c.n_snapshots, 0) AS n_snapshots,
         c.age_secs AS age_secs, COALESCE(c.n_over, 0) AS n_over,
         CASE WHEN t.is_enabled = TRUE AND t.n_lifetime_units IS NULL THEN 'not-told'
              WHEN t.is_enabled = TRUE AND t.n_lifetime_units <= 0 THEN 'no-lifetime'
              WHEN l.lifetime_secs IS NULL OR l.period_secs IS NULL OR COALESCE(c.n_over, 0) < :min_snapshots
                   OR c.n_over < c.n_within OR c.age_secs < 2 * l.lifetime_secs THEN 'none'
              WHEN t.is_enabled = FALSE THEN 'disabled'
              ELSE 'not-pruned' END AS cause
  FROM nas_snapshot_task AS t
  JOIN task_lifetime AS l ON l.appliance = t.appliance AND l.task_id = t.id
  LEFT JOIN counted AS c ON c.appliance = t.appliance AND c.task_id = t.id
)
SELECT j.dataset AS subject, 'nas_snapshot_task' AS subject_table, j.appliance AS appliance,
       CAST(j.task_id AS STRING) AS evidence_class,
       CASE WHEN j.cause = 'not-told' THEN 'candidate' ELSE 'confirmed' END AS grade,
       CASE WHEN j.cause = 'not-told' THEN 'no-lifetime' ELSE j.cause END AS cause, j.task_id AS task_id,
       j.n_snapshots AS n_snapshots, j.n_over AS n_over, j.age_secs AS oldest_age_secs, j.lifetime_secs AS lifetime_secs
FROM judged AS j
WHERE j.cause <> 'none'
