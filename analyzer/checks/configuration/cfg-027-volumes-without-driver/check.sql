WITH volume AS (
  SELECT p.cluster AS cluster, p.driver AS driver, COUNT(*) AS n_volumes,
         SUM(CASE WHEN p.phase = 'Bound' THEN 1 ELSE 0 END) AS n_bound, SUM(p.capacity_bytes) AS bytes
  FROM k8s_pv AS p
  WHERE p.deleting_at IS NULL AND p.family IN ('democratic-csi', 'zfs-generic', 'shared-directory', 'truenas-csi',
                                               'tns-csi')
  GROUP BY p.cluster, p.driver
),
classless AS (
  SELECT v.* FROM volume AS v ANTI JOIN k8s_storage_class AS s ON s.cluster = v.cluster AND s.provisioner = v.driver
),
registered AS (
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
)
SELECT c.driver AS subject, 'k8s_csi_driver' AS subject_table, c.cluster AS cluster,
       CASE WHEN r.n_nodes IS NULL THEN 'high' ELSE 'medium' END AS severity, c.bytes AS bytes,
       CASE WHEN g.n_objects IS NULL THEN 'driver-not-registered' ELSE 'no-node-plugin' END AS cause,
       c.n_volumes AS n_volumes, c.n_bound AS n_bound, COALESCE(r.n_nodes, 0) AS n_nodes
FROM classless AS c
LEFT JOIN registered AS g ON g.cluster = c.cluster AND g.driver = c.driver
LEFT JOIN running AS r ON r.cluster = c.cluster AND r.driver = c.driver
WHERE g.n_objects IS NULL OR r.n_nodes IS NULL
