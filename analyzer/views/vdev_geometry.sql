-- Data vdevs at the top of their pools with what decides the cost of a block. Without a parity the layout is not known:
-- nobody tells the width of the stripes of a dRAID.
SELECT v.appliance AS appliance, v.pool AS pool, v.guid AS guid, v.n_children AS n_children,
       v.sector_bytes AS sector_bytes,
       CASE WHEN v.kind IN ('DRAID', 'DRAID1', 'DRAID2', 'DRAID3', 'RAIDZ1', 'RAIDZ2', 'RAIDZ3') THEN TRUE
            ELSE FALSE END AS has_parity,
       CASE WHEN v.kind IN ('DISK', 'FILE', 'STRIPE', 'MIRROR', 'SPARE', 'REPLACING') THEN 0
            WHEN v.kind = 'RAIDZ1' AND v.n_children > 1 THEN 1
            WHEN v.kind = 'RAIDZ2' AND v.n_children > 2 THEN 2
            WHEN v.kind = 'RAIDZ3' AND v.n_children > 3 THEN 3
            ELSE NULL END AS n_parity
FROM nas_vdev AS v
WHERE v.role = 'data' AND v.parent_guid IS NULL
