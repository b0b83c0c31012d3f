WITH parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent FROM known_parent AS k GROUP BY k.appliance, k.parent
),
bound AS (
  SELECT v.appliance AS appliance, v.path AS path, COUNT(*) AS n_volumes
  FROM volume_join AS v
  WHERE v.n_path = 1
  GROUP BY v.appliance, v.path
),
volume AS (
  SELECT d.appliance AS appliance, d.path AS path, d.parent AS parent, COALESCE(o.is_managed, FALSE) AS is_marked,
         CASE WHEN b.n_volumes IS NOT NULL OR COALESCE(o.is_resolved, FALSE) = TRUE THEN TRUE ELSE FALSE END AS is_resolved
  FROM zfs_dataset AS d
  JOIN parent AS k ON k.appliance = d.appliance AND k.parent = d.parent
  LEFT JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  LEFT JOIN bound AS b ON b.appliance = d.appliance AND b.path = d.path
  WHERE (b.n_volumes IS NOT NULL OR o.is_managed = TRUE) AND d.csi_snapshot_name IS NULL
),
own_task AS (
  SELECT t.appliance AS appliance, t.path AS path, t.schema AS schema, COUNT(*) AS n_tasks
  FROM task_coverage AS t
  WHERE t.depth = 0 AND t.schema IS NOT NULL
  GROUP BY t.appliance, t.path, t.schema
),
copied AS (
  SELECT r.appliance AS appliance, r.path AS path, COUNT(*) AS n_tasks
  FROM replication_coverage AS r
  GROUP BY r.appliance, r.path
),
foreign_one AS (
  SELECT v.appliance AS appliance, v.path AS path, v.parent AS parent, v.is_resolved AS is_resolved, s.created_at AS created_at,
         CASE WHEN s.origin = 'periodic' THEN 1 ELSE 0 END AS n_periodic
  FROM volume AS v
  JOIN snapshot_origin AS s ON s.appliance = v.appliance AND s.dataset = v.path
  LEFT JOIN own_task AS w ON w.appliance = s.appliance AND w.path = s.dataset AND w.schema = s.schema
  WHERE s.is_driver_made = FALSE AND s.is_replica = FALSE AND (v.is_marked = TRUE OR w.n_tasks IS NULL)
),
burdened AS (
  SELECT f.appliance AS appliance, f.parent AS parent, f.path AS path, f.is_resolved AS is_resolved,
         CASE WHEN c.n_tasks IS NULL THEN 'not-replicated' ELSE 'replicated' END AS cause,
         COUNT(*) AS n_snapshots, SUM(f.n_periodic) AS n_periodic, MIN(f.created_at) AS oldest_at
  FROM foreign_one AS f
  LEFT JOIN copied AS c ON c.appliance = f.appliance AND c.path = f.path
  GROUP BY f.appliance, f.parent, f.path, f.is_resolved, c.n_tasks
)
SELECT b.parent AS subject, 'zfs_dataset' AS subject_table, b.appliance AS appliance, b.cause AS evidence_class,
       CASE WHEN MAX(CASE WHEN b.is_resolved = TRUE THEN 1 ELSE 0 END) = 1 THEN 'confirmed' ELSE 'candidate' END AS grade,
       CASE WHEN b.cause = 'replicated' THEN 'low' ELSE 'medium' END AS severity, b.cause AS cause,
       COUNT(*) AS n_volumes, SUM(CASE WHEN b.is_resolved = TRUE THEN 0 ELSE 1 END) AS n_doubtful_volumes,
       SUM(b.n_snapshots) AS n_snapshots, SUM(b.n_periodic) AS n_periodic,
       SUM(b.n_snapshots) - SUM(b.n_periodic) AS n_foreign, MIN(b.oldest_at) AS oldest_at
FROM burdened AS b
GROUP BY b.parent, b.appliance, b.cause
