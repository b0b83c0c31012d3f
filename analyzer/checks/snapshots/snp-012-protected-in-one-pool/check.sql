WITH planned AS (
  SELECT w.cluster AS cluster, w.namespace AS namespace, COUNT(*) AS n_covers,
         SUM(CASE WHEN w.is_off_pool = TRUE AND w.is_sure = TRUE THEN 1 ELSE 0 END) AS n_off_pool,
         SUM(CASE WHEN w.is_off_pool = TRUE AND w.is_sure = FALSE THEN 1 ELSE 0 END) AS n_unsure
  FROM velero_cover AS w
  LEFT JOIN clock_offset AS o ON o.cluster = w.cluster
  WHERE w.expires_at > :now + COALESCE(o.offset_secs, 0)
  GROUP BY w.cluster, w.namespace
),
listed AS (
  SELECT l.cluster AS cluster, COUNT(*) AS n_lists FROM protection_listed AS l GROUP BY l.cluster
),
weighed AS (
  SELECT p.*, :now + COALESCE(o.offset_secs, 0) - p.created_at AS age_secs, COALESCE(w.n_covers, 0) AS n_covers,
         COALESCE(w.n_off_pool, 0) AS n_velero_off_pool, COALESCE(w.n_unsure, 0) AS n_unsure
  FROM claim_protection AS p
  LEFT JOIN planned AS w ON w.cluster = p.cluster AND w.namespace = p.namespace
  LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
)
SELECT a.namespace || '/' || a.name AS subject, 'k8s_pvc' AS subject_table, a.cluster AS cluster,
       CASE WHEN l.n_lists IS NULL OR a.n_unsure > 0 THEN 'candidate' ELSE 'probable' END AS grade,
       a.capacity_bytes AS bytes, a.n_snapshots AS n_snapshots, a.n_contents AS n_contents, a.n_tasks AS n_tasks,
       a.n_replications AS n_replications, a.n_covers AS n_velero, a.age_secs AS age_secs
FROM weighed AS a
LEFT JOIN listed AS l ON l.cluster = a.cluster
WHERE a.age_secs > :grace_secs AND a.n_off_pool = 0 AND a.n_velero_off_pool = 0
  AND a.n_snapshots + a.n_contents + a.n_tasks + a.n_replications + a.n_covers > 0
