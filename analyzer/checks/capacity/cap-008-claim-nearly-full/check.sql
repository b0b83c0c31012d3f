WITH mounted AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.uid AS uid, p.driver AS driver,
         p.protocol AS protocol, p.capacity_bytes AS volume_bytes, k.capacity_bytes AS capacity_bytes,
         k.used_bytes AS used_bytes, COALESCE(k.available_bytes, k.capacity_bytes - k.used_bytes) AS available_bytes
  FROM k8s_kubelet_volume AS k
  JOIN k8s_pvc AS c ON c.cluster = k.cluster AND c.namespace = k.namespace AND c.name = k.claim
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  WHERE c.phase = 'Bound' AND c.access_mode <> 'ReadOnlyMany' AND k.capacity_bytes > 0
    AND COALESCE(k.used_bytes, 1) > 0
),
own AS (
  SELECT m.*, m.available_bytes * 100.0 / NULLIF(m.capacity_bytes, 0) AS free_percent
  FROM mounted AS m
  WHERE m.capacity_bytes * 100.0 <= m.volume_bytes * 1.0 * (100 + :max_difference_percent)
    AND m.capacity_bytes * 100.0 >= m.volume_bytes * 1.0 * (100 - :max_difference_percent)
)
SELECT o.namespace || '/' || o.name AS subject, 'k8s_pvc' AS subject_table, o.cluster AS cluster,
       o.uid AS evidence_class,
       CASE WHEN o.free_percent < :critical_percent THEN 'critical' ELSE 'low' END AS severity, o.available_bytes AS bytes,
       o.namespace AS namespace, o.driver AS driver, o.protocol AS protocol,
       CAST(FLOOR(o.free_percent) AS BIGINT) AS free_percent, o.used_bytes AS used_bytes,
       o.capacity_bytes AS capacity_bytes, o.volume_bytes AS volume_bytes
FROM own AS o
WHERE o.free_percent < :warn_percent
