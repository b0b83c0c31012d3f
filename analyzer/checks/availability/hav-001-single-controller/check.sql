WITH nodes AS (
  SELECT n.cluster AS cluster, COUNT(*) AS n_nodes FROM k8s_node AS n WHERE n.is_ready = TRUE GROUP BY n.cluster
),
volume AS (
  SELECT p.cluster AS cluster, p.driver AS driver, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.driver IS NOT NULL
  GROUP BY p.cluster, p.driver
)
SELECT w.uid AS subject, 'k8s_workload' AS subject_table, w.cluster AS cluster,
       CASE WHEN w.n_replicas = 0 THEN 'high' ELSE 'low' END AS severity, w.kind AS kind, w.namespace AS namespace,
       w.driver AS driver, w.n_replicas AS n_replicas, n.n_nodes AS n_nodes, COALESCE(v.n_volumes, 0) AS n_volumes
FROM driver_workload AS w
JOIN nodes AS n ON n.cluster = w.cluster
LEFT JOIN volume AS v ON v.cluster = w.cluster AND v.driver = w.driver
WHERE w.is_controller = TRUE AND w.kind IN ('Deployment', 'StatefulSet')
  AND (w.n_replicas = 0 OR w.n_replicas = 1 AND n.n_nodes >= :min_nodes)
