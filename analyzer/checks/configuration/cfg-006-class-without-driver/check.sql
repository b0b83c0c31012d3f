WITH registered AS (
  SELECT d.cluster AS cluster, d.name AS driver, COUNT(*) AS n_objects
  FROM k8s_csi_driver AS d
  GROUP BY d.cluster, d.name
),
running AS (
  SELECT n.cluster AS cluster, n.driver AS driver, COUNT(*) AS n_nodes
  FROM k8s_csi_node_driver AS n
  JOIN k8s_node AS k ON k.cluster = n.cluster AND k.name = n.node
  WHERE k.is_ready = TRUE
  GROUP BY n.cluster, n.driver
),
volume AS (
  SELECT p.cluster AS cluster, p.storage_class AS storage_class, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.storage_class IS NOT NULL
  GROUP BY p.cluster, p.storage_class
)
SELECT s.name AS subject, 'k8s_storage_class' AS subject_table, s.cluster AS cluster,
       CASE WHEN r.n_nodes IS NULL THEN 'high' ELSE 'medium' END AS severity,
       CASE WHEN g.n_objects IS NULL THEN 'driver-not-registered' ELSE 'no-node-plugin' END AS cause,
       s.provisioner AS driver, COALESCE(r.n_nodes, 0) AS n_nodes, COALESCE(v.n_volumes, 0) AS n_volumes
FROM k8s_storage_class AS s
LEFT JOIN registered AS g ON g.cluster = s.cluster AND g.driver = s.provisioner
LEFT JOIN running AS r ON r.cluster = s.cluster AND r.driver = s.provisioner
LEFT JOIN storage_driver AS o ON o.cluster = s.cluster AND o.driver = s.provisioner
LEFT JOIN volume AS v ON v.cluster = s.cluster AND v.storage_class = s.name
WHERE g.n_objects IS NOT NULL AND r.n_nodes IS NULL
   OR g.n_objects IS NULL AND (r.n_nodes IS NOT NULL OR o.driver IS NOT NULL)
