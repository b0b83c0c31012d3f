SELECT p.pool AS subject, 'nas_pool' AS subject_table, p.appliance AS appliance,
       CASE WHEN p.promised_bytes * 100.0 > p.usable_bytes * 1.0 * :high_percent THEN 'high'
            ELSE 'medium' END AS severity,
       p.promised_bytes - CAST(FLOOR(p.usable_bytes * :warn_percent / 100.0) AS BIGINT) AS bytes,
       CAST(FLOOR(p.promised_bytes * 100.0 / NULLIF(p.usable_bytes, 0)) AS BIGINT) AS promised_percent,
       CAST(FLOOR(p.worst_bytes * 100.0 / NULLIF(p.usable_bytes, 0)) AS BIGINT) AS worst_percent,
       CAST(FLOOR(p.used_by_dataset_bytes * 100.0 / NULLIF(p.promised_bytes, 0)) AS BIGINT) AS allocated_percent,
       p.promised_bytes AS promised_bytes, p.worst_bytes AS worst_bytes, p.usable_bytes AS usable_bytes,
       p.n_promises AS n_promises, p.n_unlimited AS n_unlimited, p.n_unknown_layouts AS n_unknown_layouts
FROM pool_promise AS p
WHERE p.promised_bytes * 100.0 > p.usable_bytes * 1.0 * :warn_percent
