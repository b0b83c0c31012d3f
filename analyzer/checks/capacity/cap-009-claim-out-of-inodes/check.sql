WITH mounted AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.uid AS uid, p.driver AS driver,
         p.protocol AS protocol, k.n_inodes AS n_inodes, k.n_used_inodes AS n_used_inodes,
         k.n_inodes - k.n_used_inodes AS n_free_inodes
  FROM k8s_kubelet_volume AS k
  JOIN k8s_pvc AS c ON c.cluster = k.cluster AND c.namespace = k.namespace AND c.name = k.claim
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  WHERE c.phase = 'Bound' AND c.access_mode <> 'ReadOnlyMany' AND p.protocol IN ('iscsi', 'nvmeof')
    AND k.n_inodes > 0 AND k.n_used_inodes > 0
),
level AS (
  SELECT m.*, m.n_free_inodes * 100.0 / NULLIF(m.n_inodes, 0) AS free_percent FROM mounted AS m
)
SELECT l.namespace || '/' || l.name AS subject, 'k8s_pvc' AS subject_table, l.cluster AS cluster,
       l.uid AS evidence_class,
       CASE WHEN l.free_percent < :critical_percent THEN 'critical' ELSE 'low' END AS severity,
       l.namespace AS namespace, l.driver AS driver, l.protocol AS protocol, l.n_free_inodes AS n_free_inodes,
       CAST(FLOOR(l.free_percent) AS BIGINT) AS free_percent, l.n_used_inodes AS n_used_inodes, l.n_inodes AS n_inodes
FROM level AS l
WHERE l.free_percent < :warn_percent
