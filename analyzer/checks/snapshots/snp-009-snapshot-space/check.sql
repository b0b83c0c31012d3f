WITH cut AS (
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
measured AS (
  SELECT s.subject AS subject, s.subject_table AS subject_table, s.appliance AS appliance, s.held_bytes AS held_bytes,
         s.used_bytes AS used_bytes, CASE WHEN s.subject_table = 'zfs_dataset' THEN c.n_snapshots END AS n_snapshots,
         CASE WHEN s.subject_table = 'zfs_dataset' THEN k.n_kept END AS n_kept,
         CASE WHEN s.subject_table = 'zfs_dataset' AND c.n_unknown = 0 THEN c.half_bytes END AS half_bytes
  FROM snapshot_space AS s
  LEFT JOIN cut AS c ON c.appliance = s.appliance AND c.path = s.subject
  LEFT JOIN kept AS k ON k.appliance = s.appliance AND k.path = s.subject
)
SELECT m.subject AS subject, m.subject_table AS subject_table, m.appliance AS appliance,
       CASE WHEN m.held_bytes * 100.0 >= m.used_bytes * :high_percent THEN 'high' ELSE 'medium' END AS severity,
       m.held_bytes AS bytes, m.used_bytes AS used_bytes, m.half_bytes AS half_bytes, m.n_snapshots AS n_snapshots,
       m.n_kept AS n_kept
FROM measured AS m
ANTI JOIN received_dataset AS x ON x.appliance = m.appliance AND x.path = m.subject
WHERE m.held_bytes >= :min_bytes AND m.held_bytes * 100.0 >= m.used_bytes * :warn_percent
