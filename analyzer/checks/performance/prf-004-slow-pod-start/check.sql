WITH claiming AS (
  SELECT v.cluster AS cluster, v.pod_uid AS uid FROM k8s_pod_volume AS v GROUP BY v.cluster, v.pod_uid
),
lone AS (
  SELECT s.cluster AS cluster, s.node AS node, s.lasted_secs AS lasted_secs
  FROM pod_start AS s
  ANTI JOIN claiming AS c ON c.cluster = s.cluster AND c.uid = s.uid
  LEFT JOIN clock_offset AS f ON f.cluster = s.cluster
  WHERE s.started_at >= :now + COALESCE(f.offset_secs, 0) - :window_secs
),
plain AS (
  SELECT l.cluster AS cluster, l.node AS node, COUNT(*) AS n_pods, MEDIAN(l.lasted_secs) AS median_secs
  FROM lone AS l
  GROUP BY l.cluster, l.node
),
penalty AS (
  SELECT s.cluster AS cluster, s.driver AS driver, s.node AS node, s.lasted_secs AS lasted_secs,
         s.lasted_secs - n.median_secs AS penalty_secs
  FROM volume_pod_start AS s
  JOIN plain AS n ON n.cluster = s.cluster AND n.node = s.node
  LEFT JOIN clock_offset AS f ON f.cluster = s.cluster
  WHERE n.n_pods >= :min_plain_pods AND s.started_at >= :now + COALESCE(f.offset_secs, 0) - :window_secs
),
judged AS (
  SELECT p.cluster AS cluster, p.driver AS driver, COUNT(*) AS n_samples, COUNT(DISTINCT p.node) AS n_nodes,
         MEDIAN(p.penalty_secs) AS median_penalty_secs, MAX(p.lasted_secs) AS longest_secs
  FROM penalty AS p
  GROUP BY p.cluster, p.driver
)
SELECT j.driver AS subject, 'k8s_csi_driver' AS subject_table, j.cluster AS cluster, 'candidate' AS grade,
       CASE WHEN j.median_penalty_secs > :medium_secs THEN 'medium' ELSE 'info' END AS severity,
       j.n_samples AS n_samples, j.n_nodes AS n_nodes,
       CAST(FLOOR(j.median_penalty_secs) AS BIGINT) AS median_penalty_secs, j.longest_secs AS longest_secs
FROM judged AS j
WHERE j.n_samples >= :min_samples AND j.median_penalty_secs > :warn_secs
