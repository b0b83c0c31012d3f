WITH own AS (
  SELECT z.appliance AS appliance, z.path AS path, d.pool AS pool, z.used_by_snapshots_bytes AS held_bytes,
         z.used_bytes - COALESCE(z.used_by_children_bytes, 0) AS own_bytes
  FROM zfs_dataset_space AS z
  JOIN zfs_dataset AS d ON d.appliance = z.appliance AND d.path = z.path
  WHERE z.used_by_snapshots_bytes IS NOT NULL AND (z.used_by_children_bytes IS NOT NULL OR d.kind = 'VOLUME')
),
cut AS (
  SELECT c.appliance AS appliance, c.dataset AS path, COUNT(*) AS n_snapshots,
         SUM(CASE WHEN c.age_rank * 2 <= c.n_snapshots THEN c.freed_bytes ELSE 0 END) AS half_bytes,
         COUNT(*) - COUNT(c.freed_bytes) AS n_unknown
  FROM snapshot_cut AS c
  GROUP BY c.appliance, c.dataset
),
kept AS (
  SELECT s.appliance AS appliance, s.dataset AS path,
         SUM(CASE WHEN s.n_clones > 0 OR COALESCE(s.n_holds, 0) > 0 THEN 1 ELSE 0 END) AS n_kept
  FROM snapshot_origin AS s
  GROUP BY s.appliance, s.dataset
),
root AS (
  SELECT o.appliance AS appliance, o.pool AS path, SUM(o.held_bytes) AS held_bytes
  FROM own AS o
  GROUP BY o.appliance, o.pool
),
measured AS (
  SELECT o.path AS subject, 'zfs_dataset' AS subject_table, o.appliance AS appliance, o.held_bytes AS held_bytes,
         o.own_bytes AS used_bytes, c.n_snapshots AS n_snapshots, k.n_kept AS n_kept,
         CASE WHEN c.n_unknown = 0 THEN c.half_bytes END AS half_bytes
  FROM own AS o
  LEFT JOIN cut AS c ON c.appliance = o.appliance AND c.path = o.path
  LEFT JOIN kept AS k ON k.appliance = o.appliance AND k.path = o.path
  UNION ALL
  SELECT p.name AS subject, 'nas_pool' AS subject_table, p.appliance AS appliance, r.held_bytes AS held_bytes,
         z.used_bytes AS used_bytes, CAST(NULL AS BIGINT) AS n_snapshots, CAST(NULL AS BIGINT) AS n_kept,
         CAST(NULL AS BIGINT) AS half_bytes
  FROM nas_pool AS p
  JOIN root AS r ON r.appliance = p.appliance AND r.path = p.name
  JOIN zfs_dataset_space AS z ON z.appliance = p.appliance AND z.path = p.name
)
SELECT m.subject AS subject, m.subject_table AS subject_table, m.appliance AS appliance,
       CASE WHEN m.held_bytes * 100.0 >= m.used_bytes * :high_percent THEN 'high' ELSE 'medium' END AS severity,
       m.held_bytes AS bytes, m.used_bytes AS used_bytes, m.half_bytes AS half_bytes, m.n_snapshots AS n_snapshots,
       m.n_kept AS n_kept
FROM measured AS m
ANTI JOIN received_dataset AS x ON x.appliance = m.appliance AND x.path = m.subject
WHERE m.held_bytes >= :min_bytes AND m.held_bytes * 100.0 >= m.used_bytes * :warn_percent
