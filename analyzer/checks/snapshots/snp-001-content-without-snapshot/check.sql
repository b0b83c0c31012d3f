WITH copies AS (
  SELECT c.cluster AS cluster, c.name AS name, COUNT(*) AS n_copies
  FROM lost_content AS c
  JOIN zfs_snapshot AS s ON s.name = c.snapshot
  GROUP BY c.cluster, c.name
),
newest AS (
  SELECT c.cluster AS cluster, c.driver AS driver, c.source_leaf AS source_leaf, MAX(c.taken_at) AS taken_at
  FROM judged_content AS c
  GROUP BY c.cluster, c.driver, c.source_leaf
),
source AS (
  SELECT p.cluster AS cluster, p.driver AS driver, p.handle_leaf AS handle_leaf, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.handle_leaf IS NOT NULL AND p.driver IS NOT NULL
  GROUP BY p.cluster, p.driver, p.handle_leaf
)
SELECT c.name AS subject, 'k8s_volume_snapshot_content' AS subject_table, c.appliance AS appliance,
       CASE WHEN k.n_copies IS NULL THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN c.taken_at = n.taken_at AND v.n_volumes IS NOT NULL THEN 'critical' ELSE 'high' END AS severity,
       c.restore_size_bytes AS bytes, c.cluster AS cluster, c.handle_form AS handle_form, c.taken_at AS taken_at,
       CASE WHEN v.n_volumes IS NULL THEN FALSE ELSE TRUE END AS has_source, COALESCE(k.n_copies, 0) AS n_copies
FROM lost_content AS c
LEFT JOIN copies AS k ON k.cluster = c.cluster AND k.name = c.name
LEFT JOIN newest AS n ON n.cluster = c.cluster AND n.driver = c.driver AND n.source_leaf = c.source_leaf
LEFT JOIN source AS v ON v.cluster = c.cluster AND v.driver = c.driver AND v.handle_leaf = c.source_leaf
LEFT JOIN clock_offset AS o ON o.cluster = c.cluster
WHERE :now + COALESCE(o.offset_secs, 0) - c.created_at >= :min_age_secs
