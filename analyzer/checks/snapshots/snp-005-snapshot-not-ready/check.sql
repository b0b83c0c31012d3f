WITH made AS (
  SELECT v.cluster AS cluster, v.namespace || '/' || v.name AS subject, 'k8s_volume_snapshot' AS subject_table,
         v.uid AS uid, v.class AS class, v.has_error AS has_error, v.created_at AS created_at,
         v.restore_size_bytes AS restore_size_bytes
  FROM k8s_volume_snapshot AS v
  WHERE v.is_ready = FALSE AND v.deleting_at IS NULL
  UNION ALL
  SELECT c.cluster AS cluster, c.name AS subject, 'k8s_volume_snapshot_content' AS subject_table, c.uid AS uid,
         c.class AS class, c.has_error AS has_error, c.created_at AS created_at,
         c.restore_size_bytes AS restore_size_bytes
  FROM k8s_volume_snapshot_content AS c
  ANTI JOIN k8s_volume_snapshot AS v
    ON v.cluster = c.cluster AND v.namespace = c.snapshot_namespace AND v.name = c.snapshot_name
  WHERE c.is_ready = FALSE AND c.deleting_at IS NULL
),
warned AS (
  SELECT e.cluster AS cluster, e.object_uid AS uid, SUM(e.n_times) AS n_warnings, MAX(e.error_class) AS error_class
  FROM k8s_event AS e
  WHERE e.kind = 'Warning' AND e.object_uid IS NOT NULL
  GROUP BY e.cluster, e.object_uid
),
aged AS (
  SELECT m.*, :now + COALESCE(o.offset_secs, 0) - m.created_at AS age_secs,
         COALESCE(k.is_detached, FALSE) AS is_detached
  FROM made AS m
  LEFT JOIN clock_offset AS o ON o.cluster = m.cluster
  LEFT JOIN k8s_volume_snapshot_class AS k ON k.cluster = m.cluster AND k.name = m.class
)
SELECT a.subject AS subject, a.subject_table AS subject_table, a.cluster AS cluster,
       a.restore_size_bytes AS bytes, CASE WHEN a.has_error = TRUE THEN 'error' ELSE 'slow' END AS cause,
       a.age_secs AS age_secs, a.is_detached AS is_detached, COALESCE(w.n_warnings, 0) AS n_warnings,
       w.error_class AS error_class
FROM aged AS a
LEFT JOIN warned AS w ON w.cluster = a.cluster AND w.uid = a.uid
WHERE a.age_secs > 0
  AND (a.has_error = TRUE OR a.age_secs > :detached_secs OR a.is_detached = FALSE AND a.age_secs > :ready_secs)
