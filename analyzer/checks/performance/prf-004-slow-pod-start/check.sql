WITH started AS (
  SELECT s.cluster AS cluster, s.uid AS uid, s.node AS node, s.lasted_secs AS lasted_secs
  FROM pod_start AS s
  LEFT JOIN clock_offset AS f ON f.cluster = s.cluster
  WHERE s.lasted_secs >= 0 AND s.started_at >= :now + COALESCE(f.offset_secs, 0) - :window_secs
),
claiming AS (
  SELECT v.cluster AS cluster, v.pod_uid AS uid FROM k8s_pod_volume AS v GROUP BY v.cluster, v.pod_uid
),
mounting AS (
  SELECT v.cluster AS cluster, v.pod_uid AS uid, p.driver AS driver
  FROM k8s_pod_volume AS v
  JOIN k8s_pvc AS c ON c.cluster = v.cluster AND c.namespace = v.namespace AND c.name = v.claim
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  GROUP BY v.cluster, v.pod_uid, p.driver
),
plain AS (
  SELECT s.cluster AS cluster, s.node AS node, COUNT(*) AS n_pods, MEDIAN(s.lasted_secs) AS median_secs
  FROM started AS s
  ANTI JOIN claiming AS c ON c.cluster = s.cluster AND c.uid = s.uid
  GROUP BY s.cluster, s.node
),
penalty AS (
  SELECT s.cluster AS cluster, m.driver AS driver, s.node AS node, s.lasted_secs AS lasted_secs,
         s.lasted_secs - n.median_secs AS penalty_secs
  FROM started AS s
  JOIN mounting AS m ON m.cluster = s.cluster AND m.uid = s.uid
  JOIN plain AS n ON n.cluster = s.cluster AND n.node = s.node
  WHERE n.n_pods >= :min_plain_pods
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
