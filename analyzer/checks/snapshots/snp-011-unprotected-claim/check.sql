WITH planned AS (
  SELECT w.cluster AS cluster, w.namespace AS namespace, SUM(CASE WHEN w.is_sure = TRUE THEN 1 ELSE 0 END) AS n_sure,
         SUM(CASE WHEN w.is_sure = TRUE THEN 0 ELSE 1 END) AS n_unsure
  FROM velero_cover AS w
  LEFT JOIN clock_offset AS o ON o.cluster = w.cluster
  WHERE w.expires_at > :now + COALESCE(o.offset_secs, 0)
  GROUP BY w.cluster, w.namespace
),
listed AS (
  SELECT l.cluster AS cluster, COUNT(*) AS n_lists FROM protection_listed AS l GROUP BY l.cluster
),
aged AS (
  SELECT p.*, :now + COALESCE(o.offset_secs, 0) - p.created_at AS age_secs
  FROM claim_protection AS p
  LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
)
SELECT a.namespace || '/' || a.name AS subject, 'k8s_pvc' AS subject_table, a.cluster AS cluster,
       CASE WHEN l.n_lists IS NULL OR COALESCE(w.n_unsure, 0) > 0 THEN 'candidate' ELSE 'confirmed' END AS grade,
       CASE WHEN n.environment = 'production' THEN 'high' ELSE 'medium' END AS severity,
       a.capacity_bytes AS bytes,
       CASE WHEN l.n_lists IS NULL THEN 'lists-missing' WHEN COALESCE(w.n_unsure, 0) > 0 THEN 'cover-in-doubt'
            ELSE 'unprotected' END AS cause,
       a.age_secs AS age_secs, n.environment AS environment
FROM aged AS a
LEFT JOIN planned AS w ON w.cluster = a.cluster AND w.namespace = a.namespace
LEFT JOIN listed AS l ON l.cluster = a.cluster
LEFT JOIN k8s_namespace AS n ON n.cluster = a.cluster AND n.name = a.namespace
WHERE a.age_secs > :grace_secs AND a.n_snapshots = 0 AND a.n_contents = 0 AND a.n_tasks = 0 AND a.n_replications = 0
  AND COALESCE(w.n_sure, 0) = 0
