WITH sidecar AS (
  SELECT c.cluster AS cluster, c.driver AS driver, c.role AS role,
         MIN(COALESCE(c.timeout_secs, :default_timeout_secs)) AS timeout_secs
  FROM k8s_csi_container AS c
  JOIN driver_workload AS w ON w.cluster = c.cluster AND w.uid = c.workload_uid
  WHERE c.role IN ('provisioner', 'attacher') AND c.driver IS NOT NULL
  GROUP BY c.cluster, c.driver, c.role
),
operation AS (
  SELECT o.cluster AS cluster, o.driver AS driver, o.role AS role, o.lasted_secs AS lasted_secs
  FROM driver_operation AS o
  LEFT JOIN clock_offset AS f ON f.cluster = o.cluster
  WHERE o.lasted_secs >= 0 AND o.ended_at >= :now + COALESCE(f.offset_secs, 0) - :window_secs
),
judged AS (
  SELECT s.cluster AS cluster, s.driver AS driver, s.role AS role, s.timeout_secs AS timeout_secs, COUNT(*) AS n_samples,
         SUM(CASE WHEN o.lasted_secs > s.timeout_secs THEN 1 ELSE 0 END) AS n_slow, MAX(o.lasted_secs) AS longest_secs
  FROM sidecar AS s
  JOIN operation AS o ON o.cluster = s.cluster AND o.driver = s.driver AND o.role = s.role
  GROUP BY s.cluster, s.driver, s.role, s.timeout_secs
)
SELECT j.driver AS subject, 'k8s_csi_container' AS subject_table, j.cluster AS cluster, 'probable' AS grade,
       j.role AS evidence_class, j.role AS role, j.timeout_secs AS timeout_secs, j.n_samples AS n_samples,
       j.n_slow AS n_slow, j.longest_secs AS longest_secs
FROM judged AS j
WHERE j.n_samples >= :min_samples AND j.n_slow * 100 > j.n_samples * (100 - :percentile)
