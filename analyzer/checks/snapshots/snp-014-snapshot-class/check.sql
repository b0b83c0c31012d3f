WITH able AS (
  SELECT c.cluster AS cluster, c.driver AS driver, 1 AS n_sidecars FROM k8s_csi_container AS c
  WHERE c.role = 'snapshotter' AND c.driver IS NOT NULL
  UNION ALL
  SELECT p.cluster AS cluster, p.driver AS driver, 0 AS n_sidecars FROM k8s_pv AS p
  WHERE p.family IN ('democratic-csi', 'truenas-csi') AND p.driver IS NOT NULL
),
driver AS (
  SELECT a.cluster AS cluster, a.driver AS driver, MAX(a.n_sidecars) AS n_sidecars
  FROM able AS a
  SEMI JOIN k8s_csi_driver AS d ON d.cluster = a.cluster AND d.name = a.driver
  GROUP BY a.cluster, a.driver
),
counted AS (
  SELECT k.cluster AS cluster, k.driver AS driver, COUNT(*) AS n_classes,
         SUM(CASE WHEN k.is_default = TRUE THEN 1 ELSE 0 END) AS n_defaults,
         SUM(CASE WHEN k.has_velero_label = TRUE THEN 1 ELSE 0 END) AS n_labelled
  FROM k8s_volume_snapshot_class AS k
  GROUP BY k.cluster, k.driver
),
snapshotting AS (
  SELECT v.cluster AS cluster FROM k8s_velero_schedule AS v
  WHERE COALESCE(v.is_snapshotting, TRUE) = TRUE AND v.is_copying_files = FALSE AND v.is_paused = FALSE
  UNION ALL
  SELECT b.cluster AS cluster FROM k8s_velero_backup AS b
  WHERE COALESCE(b.is_snapshotting, TRUE) = TRUE AND b.is_copying_files = FALSE
),
cause AS (
  SELECT d.cluster AS cluster, d.driver AS subject, 'k8s_csi_driver' AS subject_table, 'class-missing' AS cause,
         CASE WHEN d.n_sidecars = 1 THEN 'confirmed' ELSE 'probable' END AS grade, 'medium' AS severity, 0 AS n_classes
  FROM driver AS d
  ANTI JOIN counted AS c ON c.cluster = d.cluster AND c.driver = d.driver
  UNION ALL
  SELECT c.cluster AS cluster, c.driver AS subject, 'k8s_csi_driver' AS subject_table, 'several-defaults' AS cause,
         'confirmed' AS grade, 'medium' AS severity, c.n_defaults AS n_classes
  FROM counted AS c
  WHERE c.n_defaults > 1
  UNION ALL
  SELECT c.cluster AS cluster, c.driver AS subject, 'k8s_csi_driver' AS subject_table, 'velero-label-missing' AS cause,
         'confirmed' AS grade, 'low' AS severity, c.n_classes AS n_classes
  FROM counted AS c
  SEMI JOIN snapshotting AS s ON s.cluster = c.cluster
  WHERE c.n_labelled = 0
  UNION ALL
  SELECT k.cluster AS cluster, k.name AS subject, 'k8s_volume_snapshot_class' AS subject_table, 'policy-differs' AS cause,
         'confirmed' AS grade, 'low' AS severity, 1 AS n_classes
  FROM k8s_volume_snapshot_class AS k
  WHERE :deletion_policy <> 'any' AND k.deletion_policy <> :deletion_policy
)
SELECT x.subject AS subject, x.subject_table AS subject_table, x.cluster AS cluster, x.cause AS evidence_class,
       x.grade AS grade, x.severity AS severity, x.cause AS cause, x.n_classes AS n_classes
FROM cause AS x
