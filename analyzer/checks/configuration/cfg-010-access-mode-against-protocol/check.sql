WITH attached AS (
  SELECT t.cluster AS cluster, t.pv AS pv, COUNT(*) AS n_attached
  FROM k8s_volume_attachment AS t
  WHERE t.is_attached = TRUE AND t.pv IS NOT NULL
  GROUP BY t.cluster, t.pv
)
SELECT p.name AS subject, 'k8s_pv' AS subject_table, p.cluster AS cluster,
       CASE WHEN a.n_attached > 1 THEN 'critical' ELSE 'high' END AS severity, p.capacity_bytes AS bytes,
       p.protocol AS protocol, p.access_mode AS access_mode, p.volume_mode AS volume_mode,
       p.storage_class AS storage_class, COALESCE(a.n_attached, 0) AS n_attached
FROM k8s_pv AS p
LEFT JOIN attached AS a ON a.cluster = p.cluster AND a.pv = p.name
WHERE p.protocol IN ('iscsi', 'nvmeof') AND p.access_mode = 'ReadWriteMany' AND p.volume_mode = 'Filesystem'
  AND p.phase IN ('Available', 'Bound') AND p.deleting_at IS NULL
