WITH risk AS (
  SELECT p.*, CAST(FLOOR(p.unbacked_bytes * 100.0 / NULLIF(p.available_bytes, 0)) AS BIGINT) AS unbacked_percent,
         CAST(FLOOR(p.used_bytes * 100.0 / NULLIF(p.usable_bytes, 0)) AS BIGINT) AS used_percent
  FROM pool_promise AS p
  WHERE p.unbacked_bytes * 100.0 > p.available_bytes * 1.0 * :max_unbacked_percent
)
SELECT r.pool AS subject, 'nas_pool' AS subject_table, r.appliance AS appliance,
       CASE WHEN r.used_bytes * 100.0 > r.usable_bytes * 1.0 * :critical_fill_percent THEN 'critical'
            ELSE 'medium' END AS severity,
       r.unbacked_bytes - r.available_bytes AS bytes, r.unbacked_percent AS unbacked_percent,
       r.used_percent AS used_percent, r.unbacked_bytes AS unbacked_bytes, r.available_bytes AS available_bytes,
       r.n_promises AS n_promises, r.n_unlimited AS n_unlimited, r.n_unread AS n_unread,
       r.n_unknown_layouts AS n_unknown_layouts
FROM risk AS r
