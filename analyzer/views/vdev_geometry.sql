-- Data vdevs at the top of their pools with what decides the cost of a block: parity and, of a dRAID, the data disks of its
-- stripes, which are fixed. Without a parity the layout is not known.
WITH top AS (
  SELECT v.*, CASE WHEN v.kind IN ('DRAID', 'DRAID1', 'DRAID2', 'DRAID3') THEN TRUE ELSE FALSE END AS is_draid
  FROM nas_vdev AS v
  WHERE v.role = 'data' AND v.parent_guid IS NULL
)
SELECT t.appliance AS appliance, t.pool AS pool, t.guid AS guid, t.n_children AS n_children,
       t.sector_bytes AS sector_bytes,
       CASE WHEN t.is_draid = TRUE OR t.kind IN ('RAIDZ1', 'RAIDZ2', 'RAIDZ3') THEN TRUE ELSE FALSE END AS has_parity,
       CASE WHEN t.kind IN ('DISK', 'FILE', 'STRIPE', 'MIRROR', 'SPARE', 'REPLACING') THEN 0
            WHEN t.kind = 'RAIDZ1' AND t.n_children > 1 THEN 1
            WHEN t.kind = 'RAIDZ2' AND t.n_children > 2 THEN 2
            WHEN t.kind = 'RAIDZ3' AND t.n_children > 3 THEN 3
            WHEN t.is_draid = TRUE AND t.n_draid_data > 0 AND t.n_draid_parity > 0 THEN t.n_draid_parity
            ELSE NULL END AS n_parity,
       CASE WHEN t.is_draid = TRUE AND t.n_draid_data > 0 AND t.n_draid_parity > 0 THEN t.n_draid_data
            ELSE NULL END AS n_fixed_data
FROM top AS t
