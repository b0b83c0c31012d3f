-- What a block of a zvol is charged on the worst vdev of its pool, before compression. ZFS charges in units in which a
-- block of 128 KiB costs its own size. Vdevs of unknown layout are counted and left out.
WITH size AS (
  SELECT d.appliance AS appliance, d.pool AS pool, d.volblocksize_bytes AS block_bytes
  FROM zfs_dataset AS d
  WHERE d.kind = 'VOLUME' AND d.volblocksize_bytes > 0
  GROUP BY d.appliance, d.pool, d.volblocksize_bytes
),
sector AS (
  SELECT s.appliance AS appliance, s.pool AS pool, s.block_bytes AS block_bytes, g.n_parity AS n_parity,
         g.n_fixed_data AS n_fixed_data,
         CASE WHEN g.n_fixed_data > 0 THEN g.n_fixed_data WHEN g.n_parity > 0 THEN g.n_children - g.n_parity
              ELSE 1 END AS n_wide,
         CAST(FLOOR((s.block_bytes + g.sector_bytes - 1) / NULLIF(g.sector_bytes, 0)) AS BIGINT) AS n_data,
         CAST(FLOOR((131072 + g.sector_bytes - 1) / NULLIF(g.sector_bytes, 0)) AS BIGINT) AS n_full
  FROM size AS s
  JOIN vdev_geometry AS g ON g.appliance = s.appliance AND g.pool = s.pool
),
wide AS (
  SELECT t.*, CAST(FLOOR((t.n_data + t.n_wide - 1) / NULLIF(t.n_wide, 0)) AS BIGINT) AS n_data_stripes,
         CAST(FLOOR((t.n_full + t.n_wide - 1) / NULLIF(t.n_wide, 0)) AS BIGINT) AS n_full_stripes
  FROM sector AS t
),
stripe AS (
  SELECT w.appliance AS appliance, w.pool AS pool, w.block_bytes AS block_bytes,
         CASE WHEN w.n_fixed_data > 0 THEN 1 ELSE w.n_parity + 1 END AS n_unit,
         CASE WHEN w.n_fixed_data > 0 THEN w.n_data_stripes * (w.n_wide + w.n_parity)
              ELSE w.n_data + w.n_parity * w.n_data_stripes END AS n_data,
         CASE WHEN w.n_fixed_data > 0 THEN w.n_full_stripes * (w.n_wide + w.n_parity)
              ELSE w.n_full + w.n_parity * w.n_full_stripes END AS n_full
  FROM wide AS w
),
padded AS (
  SELECT p.appliance AS appliance, p.pool AS pool, p.block_bytes AS block_bytes,
         CAST(FLOOR((p.n_data + p.n_unit - 1) / NULLIF(p.n_unit, 0)) AS BIGINT) AS n_data,
         CAST(FLOOR((p.n_full + p.n_unit - 1) / NULLIF(p.n_unit, 0)) AS BIGINT) AS n_full
  FROM stripe AS p
)
SELECT q.appliance AS appliance, q.pool AS pool, q.block_bytes AS block_bytes,
       MAX(q.n_data * 131072.0 / NULLIF(q.n_full, 0)) AS charged_bytes, COUNT(*) AS n_vdevs,
       COUNT(*) - COUNT(q.n_data) AS n_unknown
FROM padded AS q
GROUP BY q.appliance, q.pool, q.block_bytes
