-- Snapshots of periodic tasks that retention can remove, with the longest lifetime that any task of their schema gives them
-- on their dataset. Tasks without lifetime keep for ever, and without a period nobody can tell when one is late.
WITH kept AS (
  SELECT v.appliance AS appliance, v.path AS path, v.schema AS schema, COUNT(*) AS n_tasks, COUNT(l.lifetime_secs) AS n_lifetimes,
         COUNT(l.period_secs) AS n_periods, MAX(l.lifetime_secs) AS lifetime_secs, MAX(l.period_secs) AS period_secs,
         MAX(CASE WHEN v.is_enabled = TRUE THEN 1 ELSE 0 END) AS n_enabled
  FROM task_coverage AS v
  JOIN task_lifetime AS l ON l.appliance = v.appliance AND l.task_id = v.task_id
  WHERE v.schema IS NOT NULL
  GROUP BY v.appliance, v.path, v.schema
)
SELECT s.appliance AS appliance, s.dataset AS path, s.schema AS schema, s.name AS name, s.created_at AS created_at,
       s.used_bytes AS used_bytes, s.n_holds AS n_holds, k.lifetime_secs AS lifetime_secs, k.period_secs AS period_secs,
       k.n_enabled AS n_enabled
FROM snapshot_origin AS s
JOIN kept AS k ON k.appliance = s.appliance AND k.path = s.dataset AND k.schema = s.schema
WHERE s.origin = 'periodic' AND k.n_lifetimes = k.n_tasks AND k.n_periods = k.n_tasks AND s.n_clones = 0
  AND COALESCE(s.n_holds, 0) = 0 AND COALESCE(s.is_defer_destroy, FALSE) = FALSE
