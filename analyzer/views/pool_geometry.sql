-- Layout of each pool: how many of its data vdevs have parity, and the largest sector.
SELECT g.appliance AS appliance, g.pool AS pool, COUNT(*) AS n_vdevs,
       SUM(CASE WHEN g.has_parity = TRUE THEN 1 ELSE 0 END) AS n_parity_vdevs, MAX(g.sector_bytes) AS sector_bytes
FROM vdev_geometry AS g
GROUP BY g.appliance, g.pool
