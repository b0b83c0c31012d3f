WITH free AS (
  SELECT i.* FROM idle_claim AS i
  ANTI JOIN set_claim AS s ON s.cluster = i.cluster AND s.namespace = i.namespace AND s.name = i.name
),
aged AS (
  SELECT f.cluster AS cluster, f.namespace AS namespace, f.name AS name, f.uid AS uid, f.unused_at AS unused_at,
         f.capacity_bytes AS capacity_bytes, COALESCE(s.used_bytes, f.capacity_bytes) AS bytes,
         :now + COALESCE(o.offset_secs, 0) - COALESCE(f.unused_at, f.created_at) AS age_secs
  FROM free AS f
  LEFT JOIN clock_offset AS o ON o.cluster = f.cluster
  LEFT JOIN pv_space AS s ON s.cluster = f.cluster AND s.name = f.volume_name
  WHERE f.is_kept = FALSE
)
SELECT a.namespace || '/' || a.name AS subject, 'k8s_pvc' AS subject_table, a.cluster AS cluster,
       a.uid AS evidence_class,
       CASE WHEN a.unused_at IS NULL THEN 'candidate' ELSE 'confirmed' END AS grade,
       CASE WHEN COALESCE(a.capacity_bytes, 0) >= :large_bytes THEN 'medium' ELSE 'low' END AS severity,
       a.bytes AS bytes, a.namespace AS namespace, a.age_secs AS age_secs,
       CASE WHEN a.unused_at IS NULL THEN FALSE ELSE TRUE END AS is_unused_since_known
FROM aged AS a
WHERE a.age_secs >= :unused_days * 86400
