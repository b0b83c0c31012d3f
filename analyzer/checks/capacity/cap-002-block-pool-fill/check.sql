WITH filled AS (
  SELECT z.*, CAST(FLOOR(z.used_bytes * 100.0 / NULLIF(z.usable_bytes, 0)) AS BIGINT) AS used_percent,
         CAST(FLOOR(z.zvol_bytes * 100.0 / NULLIF(z.used_bytes, 0)) AS BIGINT) AS zvol_percent,
         CAST(FLOOR(z.usable_bytes * :high_percent / 100.0) AS BIGINT) AS high_bytes
  FROM pool_zvol AS z
  WHERE z.zvol_bytes * 100.0 > z.used_bytes * 1.0 * :min_zvol_percent
)
SELECT f.pool AS subject, 'nas_pool' AS subject_table, f.appliance AS appliance,
       CASE WHEN f.used_percent >= :high_percent THEN 'high' ELSE 'low' END AS severity,
       CASE WHEN f.used_bytes > f.high_bytes THEN f.used_bytes - f.high_bytes ELSE 0 END AS bytes,
       f.used_percent AS used_percent, f.zvol_percent AS zvol_percent, f.n_zvols AS n_zvols,
       f.zvol_bytes AS zvol_bytes, f.used_bytes AS used_bytes, f.usable_bytes AS usable_bytes, f.is_flash AS is_flash
FROM filled AS f
WHERE f.used_percent >= :high_percent OR f.used_percent >= :warn_percent AND f.is_flash = FALSE
