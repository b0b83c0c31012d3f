WITH left_over AS (
  SELECT i.cluster AS cluster, i.namespace AS namespace, i.name AS name, i.uid AS uid, i.ordinal AS ordinal,
         i.unused_at AS unused_at, s.state AS state, s.n_replicas AS n_replicas,
         s.retention_when_scaled AS retention_when_scaled, COALESCE(p.used_bytes, i.capacity_bytes) AS bytes,
         :now + COALESCE(o.offset_secs, 0) - COALESCE(i.unused_at, i.created_at) AS age_secs
  FROM idle_claim AS i
  JOIN set_claim AS s ON s.cluster = i.cluster AND s.namespace = i.namespace AND s.name = i.name
  LEFT JOIN clock_offset AS o ON o.cluster = i.cluster
  LEFT JOIN pv_space AS p ON p.cluster = i.cluster AND p.name = i.volume_name
  WHERE s.state <> 'wanted' AND i.is_kept = FALSE
)
SELECT l.namespace || '/' || l.name AS subject, 'k8s_pvc' AS subject_table, l.cluster AS cluster,
       l.uid AS evidence_class,
       CASE WHEN l.unused_at IS NULL THEN 'candidate' WHEN l.state = 'beyond' THEN 'confirmed' ELSE 'probable' END AS grade,
       l.bytes AS bytes, l.namespace AS namespace, l.state AS cause, l.ordinal AS ordinal, l.n_replicas AS n_replicas,
       l.retention_when_scaled AS retention_when_scaled, l.age_secs AS age_secs
FROM left_over AS l
WHERE l.age_secs >= :unused_days * 86400
