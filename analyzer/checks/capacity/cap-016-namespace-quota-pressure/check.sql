WITH level AS (
  SELECT q.cluster AS cluster, q.uid AS uid, q.namespace AS namespace, q.storage_class AS storage_class,
         q.hard_bytes AS hard_bytes, q.used_bytes AS used_bytes, n.environment AS environment
  FROM k8s_resource_quota AS q
  LEFT JOIN k8s_namespace AS n ON n.cluster = q.cluster AND n.name = q.namespace
  WHERE q.resource = 'requests.storage' AND q.hard_bytes > 0 AND n.deleting_at IS NULL
)
SELECT l.uid AS subject, 'k8s_resource_quota' AS subject_table, l.cluster AS cluster,
       l.storage_class AS evidence_class, CASE WHEN l.hard_bytes > l.used_bytes THEN l.hard_bytes - l.used_bytes
                                                ELSE 0 END AS bytes,
       CAST(FLOOR(l.used_bytes * 100.0 / NULLIF(l.hard_bytes, 0)) AS BIGINT) AS used_percent,
       l.namespace AS namespace, l.storage_class AS storage_class, l.environment AS environment,
       l.used_bytes AS used_bytes, l.hard_bytes AS hard_bytes
FROM level AS l
WHERE l.used_bytes * 100.0 > l.hard_bytes * 1.0 * :warn_percent
