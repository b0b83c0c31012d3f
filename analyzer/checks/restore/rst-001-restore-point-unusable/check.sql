WITH point AS (
  SELECT r.*, :now + COALESCE(o.offset_secs, 0) - r.created_at AS age_secs
  FROM restore_point AS r
  LEFT JOIN clock_offset AS o ON o.cluster = r.cluster
),
copies AS (
  SELECT c.cluster AS cluster, c.name AS name, COUNT(*) AS n_copies
  FROM lost_content AS c
  JOIN zfs_snapshot AS s ON s.name = c.snapshot
  GROUP BY c.cluster, c.name
),
cause AS (
  SELECT p.uid AS uid, p.cluster AS cluster, 'content-missing' AS cause, 'probable' AS grade, 'high' AS severity
  FROM point AS p WHERE p.has_content = FALSE
  UNION ALL
  SELECT p.uid AS uid, p.cluster AS cluster, 'content-not-ready' AS cause, 'confirmed' AS grade, 'high' AS severity
  FROM point AS p WHERE p.is_agreed = TRUE AND p.is_content_ready = FALSE
  UNION ALL
  SELECT p.uid AS uid, p.cluster AS cluster, 'content-deleting' AS cause, 'confirmed' AS grade, 'high' AS severity
  FROM point AS p WHERE p.is_agreed = TRUE AND p.is_content_deleting = TRUE
  UNION ALL
  SELECT p.uid AS uid, p.cluster AS cluster, 'class-gone' AS cause, 'confirmed' AS grade, 'low' AS severity
  FROM point AS p
  ANTI JOIN k8s_volume_snapshot_class AS k ON k.cluster = p.cluster AND k.name = p.class
  WHERE p.class IS NOT NULL
  UNION ALL
  SELECT p.uid AS uid, p.cluster AS cluster, 'driver-gone' AS cause, 'confirmed' AS grade, 'high' AS severity
  FROM point AS p
  ANTI JOIN k8s_csi_driver AS d ON d.cluster = p.cluster AND d.name = p.driver
  WHERE p.driver IS NOT NULL
  UNION ALL
  SELECT p.uid AS uid, p.cluster AS cluster, 'backing-missing' AS cause,
         CASE WHEN k.n_copies IS NULL THEN 'confirmed' ELSE 'probable' END AS grade, 'high' AS severity
  FROM point AS p
  JOIN lost_content AS l ON l.cluster = p.cluster AND l.name = p.content
  LEFT JOIN copies AS k ON k.cluster = l.cluster AND k.name = l.name
  UNION ALL
  SELECT p.uid AS uid, p.cluster AS cluster, 'quota' AS cause, 'confirmed' AS grade,
         CASE WHEN p.size_bytes > q.hard_bytes THEN 'high' ELSE 'medium' END AS severity
  FROM point AS p
  JOIN claim_quota AS q ON q.cluster = p.cluster AND q.namespace = p.namespace AND q.storage_class = p.quota_class
  WHERE p.size_bytes > q.free_bytes
)
SELECT p.namespace || '/' || p.name AS subject, 'k8s_volume_snapshot' AS subject_table, p.cluster AS cluster,
       c.cause AS evidence_class, c.grade AS grade, c.severity AS severity, p.size_bytes AS bytes, c.cause AS cause,
       p.age_secs AS age_secs, p.taken_at AS taken_at
FROM point AS p
JOIN cause AS c ON c.cluster = p.cluster AND c.uid = p.uid
WHERE p.age_secs >= :min_age_secs
