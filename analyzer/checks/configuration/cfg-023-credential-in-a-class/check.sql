WITH volume AS (
  SELECT p.cluster AS cluster, p.storage_class AS storage_class, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.storage_class IS NOT NULL
  GROUP BY p.cluster, p.storage_class
),
option_class AS (
  SELECT o.cluster AS cluster, o.storage_class AS storage_class, COUNT(*) AS n_options
  FROM k8s_storage_class_mount_option AS o
  WHERE o.option = 'password'
  GROUP BY o.cluster, o.storage_class
),
option_volume AS (
  SELECT o.cluster AS cluster, o.pv AS pv, COUNT(*) AS n_options
  FROM k8s_pv_mount_option AS o
  WHERE o.option = 'password'
  GROUP BY o.cluster, o.pv
),
secret_class AS (
  SELECT s.cluster AS cluster, s.name AS storage_class
  FROM k8s_storage_class AS s
  WHERE s.has_secret_parameter = TRUE
),
held AS (
  SELECT s.cluster AS cluster, s.name AS subject, 'k8s_storage_class' AS subject_table, 'parameter' AS cause,
         s.provisioner AS driver, COALESCE(v.n_volumes, 0) AS n_volumes
  FROM k8s_storage_class AS s
  LEFT JOIN volume AS v ON v.cluster = s.cluster AND v.storage_class = s.name
  WHERE s.has_secret_parameter = TRUE
  UNION ALL
  SELECT s.cluster AS cluster, s.name AS subject, 'k8s_storage_class' AS subject_table, 'mount-option' AS cause,
         s.provisioner AS driver, COALESCE(v.n_volumes, 0) AS n_volumes
  FROM k8s_storage_class AS s
  JOIN option_class AS o ON o.cluster = s.cluster AND o.storage_class = s.name
  LEFT JOIN volume AS v ON v.cluster = s.cluster AND v.storage_class = s.name
  UNION ALL
  SELECT k.cluster AS cluster, k.name AS subject, 'k8s_volume_snapshot_class' AS subject_table, 'parameter' AS cause,
         k.driver AS driver, 0 AS n_volumes
  FROM k8s_volume_snapshot_class AS k
  WHERE k.has_secret_parameter = TRUE
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS subject, 'k8s_pv' AS subject_table, 'mount-option' AS cause, p.driver AS driver,
         1 AS n_volumes
  FROM k8s_pv AS p
  JOIN option_volume AS o ON o.cluster = p.cluster AND o.pv = p.name
  LEFT JOIN option_class AS c ON c.cluster = p.cluster AND c.storage_class = p.storage_class
  WHERE c.n_options IS NULL
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS subject, 'k8s_pv' AS subject_table, 'attribute' AS cause, p.driver AS driver,
         1 AS n_volumes
  FROM k8s_pv AS p
  LEFT JOIN secret_class AS s ON s.cluster = p.cluster AND s.storage_class = p.storage_class
  WHERE p.has_secret_attribute = TRUE AND s.storage_class IS NULL
)
SELECT h.subject AS subject, h.subject_table AS subject_table, h.cluster AS cluster, h.cause AS evidence_class,
       h.cause AS cause, h.driver AS driver, h.n_volumes AS n_volumes
FROM held AS h
JOIN storage_driver AS d ON d.cluster = h.cluster AND d.driver = h.driver
