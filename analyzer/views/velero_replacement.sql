-- Backups without schedule, and each younger completed backup that takes one of their namespaces; a backup of all namespaces
-- is one place that only another of all can take.
WITH named AS (
  SELECT n.cluster AS cluster, n.owner_uid AS uid, n.namespace AS namespace
  FROM k8s_velero_namespace AS n
  WHERE n.is_excluded = FALSE
),
kept_out AS (
  SELECT n.cluster AS cluster, n.owner_uid AS uid, n.namespace AS namespace
  FROM k8s_velero_namespace AS n
  WHERE n.is_excluded = TRUE
),
place AS (
  SELECT r.cluster AS cluster, r.uid AS uid, r.created_at AS created_at, n.namespace AS namespace
  FROM velero_result AS r
  JOIN named AS n ON n.cluster = r.cluster AND n.uid = r.uid
  WHERE r.schedule IS NULL AND r.is_all_namespaces = FALSE
  UNION ALL
  SELECT r.cluster AS cluster, r.uid AS uid, r.created_at AS created_at, '' AS namespace
  FROM velero_result AS r
  WHERE r.schedule IS NULL AND r.is_all_namespaces = TRUE
),
counted AS (
  SELECT p.cluster AS cluster, p.uid AS uid, COUNT(*) AS n_namespaces FROM place AS p GROUP BY p.cluster, p.uid
),
taken AS (
  SELECT p.cluster AS cluster, p.uid AS uid, p.namespace AS namespace, g.uid AS good_uid
  FROM place AS p
  JOIN velero_result AS g ON g.cluster = p.cluster AND g.created_at > p.created_at
  WHERE g.is_completed = TRUE AND g.is_all_namespaces = TRUE
  UNION ALL
  SELECT p.cluster AS cluster, p.uid AS uid, p.namespace AS namespace, g.uid AS good_uid
  FROM place AS p
  JOIN named AS n ON n.cluster = p.cluster AND n.namespace = p.namespace
  JOIN velero_result AS g ON g.cluster = n.cluster AND g.uid = n.uid AND g.created_at > p.created_at
  WHERE g.is_completed = TRUE AND g.is_all_namespaces = FALSE
),
valid AS (
  SELECT t.* FROM taken AS t
  ANTI JOIN kept_out AS x ON x.cluster = t.cluster AND x.uid = t.good_uid AND x.namespace = t.namespace
)
SELECT v.cluster AS cluster, v.uid AS uid, v.namespace AS namespace, v.good_uid AS good_uid, c.n_namespaces AS n_namespaces
FROM valid AS v
JOIN counted AS c ON c.cluster = v.cluster AND c.uid = v.uid
