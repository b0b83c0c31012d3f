WITH temporary AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim, COUNT(*) AS n_pods
  FROM k8s_pod_volume AS v
  WHERE v.is_ephemeral = TRUE
  GROUP BY v.cluster, v.namespace, v.claim
),
claimed AS (
  SELECT c.cluster AS cluster, c.storage_class AS storage_class, COUNT(*) AS n_claims, COUNT(t.n_pods) AS n_temporary
  FROM k8s_pvc AS c
  LEFT JOIN temporary AS t ON t.cluster = c.cluster AND t.namespace = c.namespace AND t.claim = c.name
  WHERE c.storage_class IS NOT NULL
  GROUP BY c.cluster, c.storage_class
)
SELECT s.name AS subject, 'k8s_storage_class' AS subject_table, s.cluster AS cluster, s.provisioner AS driver,
       COALESCE(c.n_claims, 0) AS n_claims
FROM k8s_storage_class AS s
JOIN storage_driver AS o ON o.cluster = s.cluster AND o.driver = s.provisioner
LEFT JOIN claimed AS c ON c.cluster = s.cluster AND c.storage_class = s.name
WHERE s.is_expandable = FALSE AND (c.n_claims IS NULL OR c.n_claims > c.n_temporary)
