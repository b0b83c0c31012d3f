WITH pool AS (
  SELECT p.appliance AS appliance, p.name AS name, p.freeing_bytes AS freeing_bytes, p.size_bytes AS size_bytes,
         c.leaked_bytes AS leaked_bytes,
         CASE WHEN p.freeing_bytes * 100.0 >= p.size_bytes * 1.0 * :min_freeing_percent THEN TRUE
              ELSE FALSE END AS is_freeing
  FROM nas_pool AS p
  JOIN pool_state AS t ON t.appliance = p.appliance AND t.pool = p.name
  LEFT JOIN nas_pool_class AS c ON c.appliance = p.appliance AND c.pool = p.name
  WHERE t.is_usable = TRUE
)
SELECT p.name AS subject, 'nas_pool' AS subject_table, p.appliance AS appliance, 'leaked' AS evidence_class,
       'confirmed' AS grade, 'medium' AS severity, p.leaked_bytes AS bytes, p.leaked_bytes AS leaked_bytes,
       p.freeing_bytes AS freeing_bytes
FROM pool AS p
WHERE p.leaked_bytes > 0
UNION ALL
SELECT p.name AS subject, 'nas_pool' AS subject_table, p.appliance AS appliance, 'freeing' AS evidence_class,
       'candidate' AS grade, 'info' AS severity, p.freeing_bytes AS bytes, p.leaked_bytes AS leaked_bytes,
       p.freeing_bytes AS freeing_bytes
FROM pool AS p
WHERE p.is_freeing = TRUE AND p.freeing_bytes > 0
