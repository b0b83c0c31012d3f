-- Zvols with the space that they take when every block is written: the blocks as they are charged, and two copies of
-- the metadata that leads to them. Where the layout is not known, a block counts as its own size.
WITH counted AS (
  SELECT d.appliance AS appliance, d.path AS path,
         CAST(FLOOR((d.volsize_bytes + d.volblocksize_bytes - 1) / NULLIF(d.volblocksize_bytes, 0)) AS BIGINT)
           AS n_blocks,
         COALESCE(c.charged_bytes, d.volblocksize_bytes * 1.0) AS charged_bytes,
         CASE WHEN c.n_unknown = 0 THEN TRUE ELSE FALSE END AS is_layout_known
  FROM zfs_dataset AS d
  LEFT JOIN block_charge AS c
    ON c.appliance = d.appliance AND c.pool = d.pool AND c.block_bytes = d.volblocksize_bytes
  WHERE d.kind = 'VOLUME' AND d.volblocksize_bytes > 0 AND d.volsize_bytes IS NOT NULL
),
level_1 AS (
  SELECT c.*, CASE WHEN c.n_blocks > 1 THEN CAST(FLOOR((c.n_blocks + 1023) / 1024) AS BIGINT) ELSE 0 END AS n_level_1
  FROM counted AS c
),
level_2 AS (
  SELECT f.*, CASE WHEN f.n_level_1 > 1 THEN CAST(FLOOR((f.n_level_1 + 1023) / 1024) AS BIGINT) ELSE 0 END AS n_level_2
  FROM level_1 AS f
),
level_3 AS (
  SELECT s.*, CASE WHEN s.n_level_2 > 1 THEN CAST(FLOOR((s.n_level_2 + 1023) / 1024) AS BIGINT) ELSE 0 END AS n_level_3
  FROM level_2 AS s
),
level_4 AS (
  SELECT t.*, CASE WHEN t.n_level_3 > 1 THEN CAST(FLOOR((t.n_level_3 + 1023) / 1024) AS BIGINT) ELSE 0 END AS n_level_4
  FROM level_3 AS t
)
SELECT m.appliance AS appliance, m.path AS path, m.is_layout_known AS is_layout_known,
       CAST(FLOOR(m.n_blocks * m.charged_bytes) AS BIGINT)
         + (7 + m.n_level_1 + m.n_level_2 + m.n_level_3 + m.n_level_4) * 262144 AS worst_bytes
FROM level_4 AS m
