-- The tightest storage quota of each namespace for claims of each class; the empty class is a claim of which none is known.
WITH class AS (
  SELECT p.cluster AS cluster, p.namespace AS namespace, COALESCE(p.storage_class, '') AS storage_class
  FROM k8s_pvc AS p
  UNION ALL
  SELECT v.cluster AS cluster, v.namespace AS namespace, '' AS storage_class
  FROM k8s_volume_snapshot AS v
),
place AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.storage_class AS storage_class
  FROM class AS c
  GROUP BY c.cluster, c.namespace, c.storage_class
),
storage AS (
  SELECT q.cluster AS cluster, q.namespace AS namespace, q.storage_class AS storage_class, q.hard_bytes AS hard_bytes,
         q.hard_bytes - COALESCE(q.used_bytes, 0) AS free_bytes
  FROM k8s_resource_quota AS q
  WHERE q.resource = 'requests.storage' AND q.hard_bytes IS NOT NULL
),
applied AS (
  SELECT p.cluster AS cluster, p.namespace AS namespace, p.storage_class AS storage_class, s.hard_bytes AS hard_bytes,
         s.free_bytes AS free_bytes
  FROM place AS p
  JOIN storage AS s ON s.cluster = p.cluster AND s.namespace = p.namespace
  WHERE s.storage_class IS NULL OR s.storage_class = p.storage_class
)
SELECT a.cluster AS cluster, a.namespace AS namespace, a.storage_class AS storage_class, MIN(a.hard_bytes) AS hard_bytes,
       MIN(a.free_bytes) AS free_bytes
FROM applied AS a
GROUP BY a.cluster, a.namespace, a.storage_class
