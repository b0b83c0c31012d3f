-- Claims that a stateful set made: those it still wants, those beyond its replicas, and those of a set that is gone. A set
-- that is gone is only read off claims 0 and upward of one name that nothing names any more; a claim of another class or
-- access mode than the template asks for was made by hand.
WITH template AS (
  SELECT t.cluster AS cluster, t.namespace AS namespace, t.stem AS stem, t.storage_class AS storage_class,
         t.access_mode AS access_mode, w.n_replicas AS n_replicas, w.retention_when_scaled AS retention_when_scaled
  FROM k8s_workload_claim AS t
  JOIN k8s_workload AS w ON w.cluster = t.cluster AND w.uid = t.workload_uid
),
known AS (
  SELECT t.cluster AS cluster, t.namespace AS namespace, t.stem AS stem, COUNT(*) AS n_sets
  FROM k8s_workload_claim AS t
  GROUP BY t.cluster, t.namespace, t.stem
),
loose AS (
  SELECT i.cluster AS cluster, i.namespace AS namespace, i.stem AS stem, i.ordinal AS ordinal
  FROM idle_claim AS i
  ANTI JOIN known AS k ON k.cluster = i.cluster AND k.namespace = i.namespace AND k.stem = i.stem
  WHERE i.stem IS NOT NULL AND i.ordinal IS NOT NULL
),
row_of AS (
  SELECT l.cluster AS cluster, l.namespace AS namespace, l.stem AS stem, COUNT(*) AS n_claims,
         MIN(l.ordinal) AS first_ordinal
  FROM loose AS l
  GROUP BY l.cluster, l.namespace, l.stem
)
SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name,
       CASE WHEN t.n_replicas > 0 AND c.ordinal >= t.n_replicas THEN 'beyond' ELSE 'wanted' END AS state,
       t.n_replicas AS n_replicas, t.retention_when_scaled AS retention_when_scaled
FROM k8s_pvc AS c
JOIN template AS t ON t.cluster = c.cluster AND t.namespace = c.namespace AND t.stem = c.stem
WHERE c.ordinal IS NOT NULL AND COALESCE(t.storage_class, c.storage_class, 'none') = COALESCE(c.storage_class, 'none')
  AND t.access_mode = c.access_mode
UNION ALL
SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, 'set-gone' AS state,
       CAST(NULL AS BIGINT) AS n_replicas, CAST(NULL AS STRING) AS retention_when_scaled
FROM k8s_pvc AS c
JOIN row_of AS r ON r.cluster = c.cluster AND r.namespace = c.namespace AND r.stem = c.stem
JOIN idle_claim AS i ON i.cluster = c.cluster AND i.uid = c.uid
WHERE r.n_claims >= 2 AND r.first_ordinal = 0 AND c.ordinal IS NOT NULL
