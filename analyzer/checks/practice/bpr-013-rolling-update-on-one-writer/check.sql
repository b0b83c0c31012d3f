WITH cluster_size AS (
  SELECT n.cluster AS cluster, COUNT(*) AS n_nodes FROM k8s_node AS n GROUP BY n.cluster
),
writer AS (
  SELECT w.cluster AS cluster, w.uid AS uid, w.name AS name, w.namespace AS namespace, w.n_replicas AS n_replicas,
         c.access_mode AS access_mode
  FROM k8s_workload AS w
  JOIN k8s_workload_volume AS u ON u.cluster = w.cluster AND u.workload_uid = w.uid
  JOIN k8s_pvc AS c ON c.cluster = u.cluster AND c.namespace = u.namespace AND c.name = u.claim
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN cluster_size AS z ON z.cluster = w.cluster
  LEFT JOIN k8s_csi_driver AS x ON x.cluster = p.cluster AND x.name = p.driver
  WHERE w.kind = 'Deployment' AND w.update_strategy = 'RollingUpdate' AND w.n_replicas > 0 AND w.deleting_at IS NULL
    AND p.family <> 'foreign' AND p.family <> 'other'
    AND (c.access_mode = 'ReadWriteOncePod'
         OR c.access_mode = 'ReadWriteOnce' AND x.is_attach_required = TRUE AND z.n_nodes > 1)
)
SELECT w.name AS subject, 'k8s_workload' AS subject_table, w.cluster AS cluster, w.uid AS evidence_class,
       'probable' AS grade, w.namespace AS namespace, w.n_replicas AS n_replicas, COUNT(*) AS n_claims,
       SUM(CASE WHEN w.access_mode = 'ReadWriteOncePod' THEN 1 ELSE 0 END) AS n_one_pod_claims
FROM writer AS w
GROUP BY w.cluster, w.uid, w.name, w.namespace, w.n_replicas
