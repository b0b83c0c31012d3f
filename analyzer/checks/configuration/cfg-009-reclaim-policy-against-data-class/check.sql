WITH temporary AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim, COUNT(*) AS n_pods
  FROM k8s_pod_volume AS v
  WHERE v.is_ephemeral = TRUE
  GROUP BY v.cluster, v.namespace, v.claim
),
volume AS (
  SELECT p.cluster AS cluster, p.claim_namespace AS namespace, p.capacity_bytes AS capacity_bytes
  FROM k8s_pv AS p
  JOIN storage_driver AS o ON o.cluster = p.cluster AND o.driver = p.driver
  LEFT JOIN temporary AS t
    ON t.cluster = p.cluster AND t.namespace = p.claim_namespace AND t.claim = p.claim_name
  WHERE p.phase = 'Bound' AND p.deleting_at IS NULL AND p.reclaim_policy IN ('Delete', 'Retain')
    AND p.reclaim_policy <> :wanted_policy AND t.n_pods IS NULL
),
counted AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, COUNT(*) AS n_volumes, SUM(v.capacity_bytes) AS capacity_bytes
  FROM volume AS v
  GROUP BY v.cluster, v.namespace
)
SELECT n.name AS subject, 'k8s_namespace' AS subject_table, n.cluster AS cluster, c.capacity_bytes AS bytes,
       n.environment AS environment, c.n_volumes AS n_volumes
FROM k8s_namespace AS n
JOIN counted AS c ON c.cluster = n.cluster AND c.namespace = n.name
WHERE n.environment = :environment
