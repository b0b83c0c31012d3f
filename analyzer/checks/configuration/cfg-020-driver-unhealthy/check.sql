WITH pods AS (
  SELECT p.cluster AS cluster, p.workload_uid AS workload_uid,
         SUM(CASE WHEN p.is_ready = TRUE THEN 1 ELSE 0 END) AS n_ready,
         MIN(:now + COALESCE(o.offset_secs, 0) - p.created_at) AS youngest_secs,
         SUM(CASE WHEN p.n_restarts > :max_restarts
                       AND p.container_ended_at >= :now + COALESCE(o.offset_secs, 0) - :window_secs THEN 1
                  ELSE 0 END) AS n_restarting,
         MAX(p.n_restarts) AS n_restarts
  FROM driver_pod AS p
  LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
  GROUP BY p.cluster, p.workload_uid
),
state AS (
  SELECT w.cluster AS cluster, w.uid AS uid, w.kind AS kind, w.namespace AS namespace, w.driver AS driver,
         w.version AS version, w.n_floating_tags AS n_floating_tags, COALESCE(w.n_replicas, 0) AS n_replicas,
         COALESCE(p.n_ready, 0) AS n_ready, COALESCE(p.n_restarting, 0) AS n_restarting,
         COALESCE(p.n_restarts, 0) AS n_restarts, COALESCE(p.youngest_secs, :rollout_secs) AS youngest_secs
  FROM driver_workload AS w
  LEFT JOIN pods AS p ON p.cluster = w.cluster AND p.workload_uid = w.uid
),
versions AS (
  SELECT s.cluster AS cluster, s.driver AS driver, COUNT(DISTINCT s.version) AS n_versions,
         MIN(s.youngest_secs) AS youngest_secs
  FROM state AS s
  WHERE s.driver IS NOT NULL AND s.version IS NOT NULL
  GROUP BY s.cluster, s.driver
),
problem AS (
  SELECT s.*, 'not-ready' AS cause FROM state AS s
  WHERE s.n_ready < s.n_replicas AND s.youngest_secs >= :rollout_secs
  UNION ALL
  SELECT s.*, 'restarting' AS cause FROM state AS s WHERE s.n_restarting > 0
  UNION ALL
  SELECT s.*, 'floating-tag' AS cause FROM state AS s WHERE s.n_floating_tags > 0
  UNION ALL
  SELECT s.*, 'version-skew' AS cause FROM state AS s
  JOIN versions AS v ON v.cluster = s.cluster AND v.driver = s.driver
  WHERE v.n_versions > 1 AND v.youngest_secs >= :rollout_secs AND s.version IS NOT NULL
)
SELECT q.uid AS subject, 'k8s_workload' AS subject_table, q.cluster AS cluster, q.cause AS evidence_class,
       CASE WHEN q.cause = 'not-ready' AND q.n_ready = 0 THEN 'high' ELSE 'medium' END AS severity, q.cause AS cause,
       q.kind AS kind, q.namespace AS namespace, q.driver AS driver, q.version AS version, q.n_replicas AS n_replicas,
       q.n_ready AS n_ready, q.n_restarts AS n_restarts, q.n_floating_tags AS n_floating_tags
FROM problem AS q
