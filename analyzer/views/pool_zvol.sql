-- Share of zvols in the space of each usable pool, and whether all of its known disks are flash.
WITH zvol AS (
  SELECT d.appliance AS appliance, d.pool AS pool, COUNT(*) AS n_zvols, SUM(s.used_bytes) AS used_bytes
  FROM zfs_dataset AS d
  JOIN zfs_dataset_space AS s ON s.appliance = d.appliance AND s.path = d.path
  WHERE d.kind = 'VOLUME'
  GROUP BY d.appliance, d.pool
),
medium AS (
  SELECT k.appliance AS appliance, k.pool AS pool, COUNT(*) AS n_disks,
         SUM(CASE WHEN k.medium = 'SSD' THEN 1 ELSE 0 END) AS n_flash_disks
  FROM nas_disk AS k
  WHERE k.pool IS NOT NULL
  GROUP BY k.appliance, k.pool
)
SELECT z.appliance AS appliance, z.pool AS pool, z.n_zvols AS n_zvols, z.used_bytes AS zvol_bytes,
       r.used_bytes AS used_bytes, r.used_bytes + r.available_bytes AS usable_bytes,
       CASE WHEN m.n_disks = m.n_flash_disks THEN TRUE ELSE FALSE END AS is_flash
FROM zvol AS z
JOIN pool_state AS t ON t.appliance = z.appliance AND t.pool = z.pool
JOIN zfs_dataset_space AS r ON r.appliance = z.appliance AND r.path = z.pool
LEFT JOIN medium AS m ON m.appliance = z.appliance AND m.pool = z.pool
WHERE t.is_usable = TRUE AND r.used_bytes + r.available_bytes > 0
