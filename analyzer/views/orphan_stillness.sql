-- Snapshots of orphans: how many are older than the absence, and what was written in the younger ones.
WITH listed AS (
  SELECT s.appliance AS appliance, COUNT(*) AS n_lists
  FROM collect_status AS s
  WHERE s.table = 'zfs_snapshot' AND s.appliance IS NOT NULL
  GROUP BY s.appliance
  HAVING MIN(CASE WHEN s.outcome IN ('ok', 'empty') THEN 1 ELSE 0 END) = 1
),
aged AS (
  SELECT n.appliance AS appliance, n.dataset AS path, COALESCE(n.written_bytes, 1) AS written_bytes,
         CASE WHEN n.created_at <= a.started_at + COALESCE(o.offset_secs, 0) THEN 1 ELSE 0 END AS n_before
  FROM zfs_snapshot AS n
  JOIN orphan_absence AS a ON a.appliance = n.appliance AND a.path = n.dataset
  JOIN listed AS c ON c.appliance = n.appliance
  LEFT JOIN clock_offset AS o ON o.appliance = n.appliance
)
SELECT g.appliance AS appliance, g.path AS path, SUM(g.n_before) AS n_before,
       SUM(CASE WHEN g.n_before = 0 THEN g.written_bytes ELSE 0 END) AS written_bytes
FROM aged AS g
GROUP BY g.appliance, g.path
