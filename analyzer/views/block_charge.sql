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
         g.sector_bytes AS sector_bytes,
         CASE WHEN g.n_parity > 0 THEN g.n_children - g.n_parity ELSE 1 END AS n_wide,
         CAST(FLOOR((s.block_bytes + g.sector_bytes - 1) / NULLIF(g.sector_bytes, 0)) AS BIGINT) AS n_data,
         CAST(FLOOR((131072 + g.sector_bytes - 1) / NULLIF(g.sector_bytes, 0)) AS BIGINT) AS n_full
  FROM size AS s
  JOIN vdev_geometry AS g ON g.appliance = s.appliance AND g.pool = s.pool
),
stripe AS (
  SELECT t.appliance AS appliance, t.pool AS pool, t.block_bytes AS block_bytes, t.n_parity + 1 AS n_unit,
         t.n_data + t.n_parity * CAST(FLOOR((t.n_data + t.n_wide - 1) / NULLIF(t.n_wide, 0)) AS BIGINT) AS n_data,
         t.n_full + t.n_parity * CAST(FLOOR((t.n_full + t.n_wide - 1) / NULLIF(t.n_wide, 0)) AS BIGINT) AS n_full
  FROM sector AS t
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
