-- Snapshots in their order with the bytes that go when they and all older ones go: what each is the last to refer to.
-- The newest needs the head; where the version does not give it, the rest of the space held by snapshots is taken.
-- Datasets with two snapshots of one transaction group have no order and are left out.
WITH twin AS (
  SELECT s.appliance AS appliance, s.dataset AS dataset, s.created_txg AS created_txg, COUNT(*) AS n_snapshots
  FROM zfs_snapshot AS s
  GROUP BY s.appliance, s.dataset, s.created_txg
  HAVING COUNT(*) > 1
),
single AS (
  SELECT s.* FROM zfs_snapshot AS s ANTI JOIN twin AS t ON t.appliance = s.appliance AND t.dataset = s.dataset
),
ordered AS (
  SELECT s.appliance AS appliance, s.dataset AS dataset, s.name AS name, s.referenced_bytes AS referenced_bytes,
         ROW_NUMBER() OVER (PARTITION BY s.appliance, s.dataset ORDER BY s.created_txg NULLS LAST) AS age_rank,
         LEAD(s.written_bytes - s.referenced_bytes)
           OVER (PARTITION BY s.appliance, s.dataset ORDER BY s.created_txg NULLS LAST) AS next_growth_bytes
  FROM single AS s
),
counted AS (
  SELECT s.appliance AS appliance, s.dataset AS dataset, COUNT(*) AS n_snapshots
  FROM single AS s
  GROUP BY s.appliance, s.dataset
),
freed AS (
  SELECT o.appliance AS appliance, o.dataset AS dataset, o.name AS name, o.age_rank AS age_rank, c.n_snapshots AS n_snapshots,
         CASE WHEN o.age_rank < c.n_snapshots
              THEN o.referenced_bytes + o.next_growth_bytes
              ELSE o.referenced_bytes - z.referenced_bytes + z.written_bytes END AS freed_bytes,
         z.used_by_snapshots_bytes AS held_bytes
  FROM ordered AS o
  JOIN counted AS c ON c.appliance = o.appliance AND c.dataset = o.dataset
  LEFT JOIN zfs_dataset_space AS z ON z.appliance = o.appliance AND z.path = o.dataset
),
older AS (
  SELECT f.appliance AS appliance, f.dataset AS dataset, COUNT(*) AS n_older, COUNT(f.freed_bytes) AS n_known,
         SUM(f.freed_bytes) AS freed_bytes
  FROM freed AS f
  WHERE f.age_rank < f.n_snapshots
  GROUP BY f.appliance, f.dataset
)
SELECT f.appliance AS appliance, f.dataset AS dataset, f.name AS name, f.age_rank AS age_rank,
       f.n_snapshots AS n_snapshots,
       CASE WHEN f.freed_bytes IS NOT NULL OR f.age_rank < f.n_snapshots THEN f.freed_bytes
            WHEN f.n_snapshots = 1 THEN f.held_bytes
            WHEN o.n_known = o.n_older THEN f.held_bytes - o.freed_bytes END AS freed_bytes
FROM freed AS f
LEFT JOIN older AS o ON o.appliance = f.appliance AND o.dataset = f.dataset
