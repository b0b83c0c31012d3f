WITH counted AS (
  SELECT s.appliance AS appliance, s.dataset AS dataset, COUNT(*) AS n_snapshots,
         SUM(CASE WHEN s.class = 'periodic' THEN 1 ELSE 0 END) AS n_periodic,
         SUM(CASE WHEN s.class IN ('periodic', 'foreign', 'other') THEN 0 ELSE 1 END) AS n_driver_made
  FROM zfs_snapshot AS s
  GROUP BY s.appliance, s.dataset
),
total AS (
  SELECT c.appliance AS appliance, SUM(c.n_snapshots) AS n_snapshots, SUM(c.n_periodic) AS n_periodic,
         SUM(c.n_driver_made) AS n_driver_made
  FROM counted AS c
  GROUP BY c.appliance
)
SELECT c.dataset AS subject, 'zfs_dataset' AS subject_table, c.appliance AS appliance, c.n_snapshots AS n_snapshots,
       CASE WHEN c.n_snapshots > :max_volume THEN CAST(:max_volume AS BIGINT) ELSE CAST(:max_dataset AS BIGINT) END AS n_limit,
       c.n_periodic AS n_periodic, c.n_driver_made AS n_driver_made
FROM counted AS c
WHERE c.n_snapshots > :max_dataset
UNION ALL
SELECT t.appliance AS subject, 'nas_system' AS subject_table, t.appliance AS appliance, t.n_snapshots AS n_snapshots,
       CAST(:max_total AS BIGINT) AS n_limit, t.n_periodic AS n_periodic, t.n_driver_made AS n_driver_made
FROM total AS t
WHERE t.n_snapshots > :max_total
