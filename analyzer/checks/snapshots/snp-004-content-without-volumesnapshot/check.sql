WITH judged AS (
  SELECT c.*, :now + COALESCE(o.offset_secs, 0) AS now_at
  FROM k8s_volume_snapshot_content AS c
  JOIN again_content AS a ON a.cluster = c.cluster AND a.uid = c.uid
  LEFT JOIN clock_offset AS o ON o.cluster = c.cluster
  WHERE c.deleting_at IS NULL
),
unmatched AS (
  SELECT j.* FROM judged AS j ANTI JOIN k8s_volume_snapshot AS v ON v.cluster = j.cluster AND v.uid = j.snapshot_uid
),
alone AS (
  SELECT j.* FROM unmatched AS j
  ANTI JOIN k8s_volume_snapshot AS v ON v.cluster = j.cluster AND v.namespace = j.snapshot_namespace AND v.name = j.snapshot_name
),
listed AS (
  SELECT l.cluster AS cluster, COUNT(*) AS n_lists
  FROM complete_list AS l
  WHERE l.table_name = 'k8s_velero_backup' AND (l.is_complete = TRUE OR l.outcome = 'unsupported')
  GROUP BY l.cluster
),
kept AS (
  SELECT b.cluster AS cluster, b.name AS name, COUNT(*) AS n_backups
  FROM k8s_velero_backup AS b
  LEFT JOIN clock_offset AS o ON o.cluster = b.cluster
  WHERE b.phase <> 'Deleting' AND COALESCE(b.expires_at, 9999999999) > :now + COALESCE(o.offset_secs, 0)
  GROUP BY b.cluster, b.name
),
any_kept AS (
  SELECT k.cluster AS cluster, COUNT(*) AS n_backups FROM kept AS k GROUP BY k.cluster
)
SELECT a.name AS subject, 'k8s_volume_snapshot_content' AS subject_table, a.cluster AS cluster,
       CASE WHEN l.n_lists IS NULL AND a.backup IS NOT NULL THEN 'candidate'
            WHEN a.backup IS NULL AND a.deletion_policy = 'Retain' AND s.name IS NULL AND y.n_backups IS NOT NULL THEN 'candidate'
            ELSE 'confirmed' END AS grade,
       a.restore_size_bytes AS bytes,
       CASE WHEN a.backup IS NULL THEN 'reference-dangles' WHEN l.n_lists IS NULL THEN 'backup-not-listed'
            ELSE 'backup-gone-or-expired' END AS cause,
       a.now_at - a.created_at AS age_secs, a.deletion_policy AS deletion_policy, a.taken_at AS taken_at,
       CASE WHEN s.name IS NULL THEN FALSE ELSE TRUE END AS has_namespace
FROM alone AS a
LEFT JOIN listed AS l ON l.cluster = a.cluster
LEFT JOIN kept AS k ON k.cluster = a.cluster AND k.name = a.backup
LEFT JOIN any_kept AS y ON y.cluster = a.cluster
LEFT JOIN k8s_namespace AS s ON s.cluster = a.cluster AND s.name = a.snapshot_namespace
WHERE k.n_backups IS NULL AND a.now_at - a.created_at >= :grace_secs
