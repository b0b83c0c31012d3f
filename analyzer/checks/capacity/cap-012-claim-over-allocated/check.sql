WITH mounted AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.uid AS uid, p.driver AS driver,
         c.storage_class AS storage_class, c.capacity_bytes AS claim_bytes, p.capacity_bytes AS volume_bytes,
         k.capacity_bytes AS capacity_bytes, k.used_bytes AS used_bytes,
         :now + COALESCE(o.offset_secs, 0) - c.created_at AS age_secs
  FROM k8s_kubelet_volume AS k
  JOIN k8s_pvc AS c ON c.cluster = k.cluster AND c.namespace = k.namespace AND c.name = k.claim
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  LEFT JOIN clock_offset AS o ON o.cluster = c.cluster
  WHERE c.phase = 'Bound' AND c.deleting_at IS NULL AND c.capacity_bytes >= :min_bytes
    AND COALESCE(c.request_bytes, 0) <= c.capacity_bytes
),
own AS (
  SELECT m.*, m.used_bytes * 100.0 / NULLIF(m.claim_bytes, 0) AS used_percent
  FROM mounted AS m
  WHERE m.capacity_bytes * 100.0 <= m.volume_bytes * 1.0 * (100 + :max_difference_percent)
    AND m.capacity_bytes * 100.0 >= m.volume_bytes * 1.0 * (100 - :max_difference_percent)
)
SELECT o.namespace || '/' || o.name AS subject, 'k8s_pvc' AS subject_table, o.cluster AS cluster,
       o.uid AS evidence_class, 'candidate' AS grade,
       o.claim_bytes - o.used_bytes AS bytes, o.namespace AS namespace, o.driver AS driver,
       o.storage_class AS storage_class, CAST(FLOOR(o.used_percent) AS BIGINT) AS used_percent,
       o.used_bytes AS used_bytes, o.claim_bytes AS claim_bytes, o.age_secs AS age_secs
FROM own AS o
WHERE o.used_percent < :max_used_percent AND o.age_secs >= :min_age_days * 86400
