WITH inflated AS (
  SELECT c.appliance AS appliance, c.pool AS pool, c.block_bytes AS block_bytes,
         c.charged_bytes / NULLIF(c.block_bytes, 0) AS factor
  FROM block_charge AS c
  JOIN pool_geometry AS g ON g.appliance = c.appliance AND g.pool = c.pool
  WHERE g.n_parity_vdevs > 0
),
zvol AS (
  SELECT d.appliance AS appliance, d.parent AS parent, d.volblocksize_bytes AS block_bytes, f.factor AS factor,
         COALESCE(s.referenced_bytes, 0) AS referenced_bytes, COALESCE(d.volsize_bytes, 0) AS volsize_bytes
  FROM zfs_dataset AS d
  JOIN inflated AS f ON f.appliance = d.appliance AND f.pool = d.pool AND f.block_bytes = d.volblocksize_bytes
  LEFT JOIN zfs_dataset_space AS s ON s.appliance = d.appliance AND s.path = d.path
  WHERE d.kind = 'VOLUME' AND f.factor > :warn_factor
),
placed AS (
  SELECT z.appliance AS appliance, z.parent AS parent, z.block_bytes AS block_bytes, MAX(z.factor) AS factor,
         COUNT(*) AS n_zvols, SUM(z.referenced_bytes) AS referenced_bytes, SUM(z.volsize_bytes) AS volsize_bytes
  FROM zvol AS z
  GROUP BY z.appliance, z.parent, z.block_bytes
)
SELECT p.parent AS subject, 'zfs_dataset' AS subject_table, p.appliance AS appliance,
       CAST(p.block_bytes AS STRING) AS evidence_class,
       CASE WHEN p.factor > :high_factor THEN 'high' ELSE 'medium' END AS severity,
       CAST(FLOOR(p.referenced_bytes - p.referenced_bytes / NULLIF(p.factor, 0) + 0.5) AS BIGINT) AS bytes,
       CAST(FLOOR(p.factor * 100.0) AS BIGINT) AS charged_percent, p.block_bytes AS volblocksize_bytes,
       p.n_zvols AS n_zvols, p.referenced_bytes AS referenced_bytes, p.volsize_bytes AS volsize_bytes
FROM placed AS p
