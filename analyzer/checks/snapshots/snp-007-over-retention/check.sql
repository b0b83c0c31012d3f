WITH aged AS (
  SELECT s.appliance AS appliance, s.path AS path, s.name AS name, s.used_bytes AS used_bytes, s.n_holds AS n_holds,
         :now + COALESCE(o.offset_secs, 0) - s.created_at AS age_secs, s.lifetime_secs AS lifetime_secs,
         s.n_enabled AS n_enabled
  FROM retained_snapshot AS s
  LEFT JOIN clock_offset AS o ON o.appliance = s.appliance
  WHERE :now + COALESCE(o.offset_secs, 0) - s.created_at > s.lifetime_secs + s.period_secs * :slack_periods
),
counted AS (
  SELECT a.appliance AS appliance, a.path AS path, COUNT(*) AS n_over, COUNT(a.n_holds) AS n_held_known,
         MAX(a.age_secs) AS age_secs, MAX(a.lifetime_secs) AS lifetime_secs, SUM(a.used_bytes) AS least_bytes,
         COUNT(c.freed_bytes) AS n_cut, MAX(c.age_rank) AS last_rank, SUM(c.freed_bytes) AS freed_bytes,
         MAX(a.n_enabled) AS n_enabled
  FROM aged AS a
  LEFT JOIN snapshot_cut AS c ON c.appliance = a.appliance AND c.dataset = a.path AND c.name = a.name
  GROUP BY a.appliance, a.path
)
SELECT n.path AS subject, 'zfs_dataset' AS subject_table, n.appliance AS appliance,
       CASE WHEN n.n_held_known = n.n_over THEN 'confirmed' ELSE 'candidate' END AS grade,
       CASE WHEN n.n_cut = n.n_over AND n.last_rank = n.n_over THEN n.freed_bytes END AS bytes,
       n.n_over AS n_over, n.age_secs AS oldest_age_secs, n.lifetime_secs AS lifetime_secs, n.least_bytes AS least_bytes,
       CASE WHEN n.n_enabled = 1 THEN TRUE ELSE FALSE END AS is_enabled
FROM counted AS n
