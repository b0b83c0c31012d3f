WITH volume AS (
  SELECT p.cluster AS cluster, p.storage_class AS storage_class, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.storage_class IS NOT NULL AND p.family = 'democratic-csi' AND p.protocol IN ('iscsi', 'nvmeof')
    AND p.volume_mode = 'Filesystem' AND COALESCE(p.is_static, FALSE) = FALSE
  GROUP BY p.cluster, p.storage_class
)
SELECT s.name AS subject, 'k8s_storage_class' AS subject_table, s.cluster AS cluster, 'probable' AS grade,
       s.provisioner AS driver, v.n_volumes AS n_volumes
FROM k8s_storage_class AS s
JOIN k8s_csi_driver AS d ON d.cluster = s.cluster AND d.name = s.provisioner
JOIN volume AS v ON v.cluster = s.cluster AND v.storage_class = s.name
WHERE s.file_system IS NULL AND d.fs_group_policy = 'ReadWriteOnceWithFSType'
