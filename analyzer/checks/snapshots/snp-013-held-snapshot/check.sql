WITH holding AS (
  SELECT r.appliance AS appliance, r.path AS path, COUNT(*) AS n_tasks
  FROM replication_coverage AS r
  WHERE r.is_holding = TRUE AND r.state <> 'ERROR'
  GROUP BY r.appliance, r.path
),
held AS (
  SELECT s.*, :now + COALESCE(o.offset_secs, 0) - s.created_at AS age_secs
  FROM snapshot_origin AS s
  LEFT JOIN clock_offset AS o ON o.appliance = s.appliance
  WHERE s.n_holds > 0
)
SELECT h.dataset || '@' || h.name AS subject, 'zfs_snapshot' AS subject_table, h.appliance AS appliance,
       h.used_bytes AS bytes, h.n_holds AS n_holds, h.age_secs AS age_secs, h.origin AS origin,
       h.n_clones AS n_clones
FROM held AS h
ANTI JOIN holding AS r ON r.appliance = h.appliance AND r.path = h.dataset
WHERE h.age_secs > :held_days * 86400
