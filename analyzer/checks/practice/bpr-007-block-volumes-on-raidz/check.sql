SELECT z.pool AS subject, 'nas_pool' AS subject_table, z.appliance AS appliance,
       CAST(FLOOR(z.zvol_bytes * 100.0 / NULLIF(z.used_bytes, 0)) AS BIGINT) AS zvol_percent, z.n_zvols AS n_zvols,
       z.zvol_bytes AS zvol_bytes, z.used_bytes AS used_bytes, g.n_vdevs AS n_vdevs,
       g.n_parity_vdevs AS n_parity_vdevs
FROM pool_zvol AS z
JOIN pool_geometry AS g ON g.appliance = z.appliance AND g.pool = z.pool
WHERE g.n_parity_vdevs > 0 AND z.is_flash = FALSE
  AND z.zvol_bytes * 100.0 > z.used_bytes * 1.0 * :min_zvol_percent
