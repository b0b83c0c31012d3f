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
  SELECT d.appliance AS appliance, d.path AS path, COALESCE(o.is_managed, FALSE) AS is_marked,
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
  SELECT v.appliance AS appliance, v.path AS path, v.is_resolved AS is_resolved, s.created_at AS created_at,
         CASE WHEN s.origin = 'periodic' THEN 1 ELSE 0 END AS n_periodic
  FROM volume AS v
  JOIN snapshot_origin AS s ON s.appliance = v.appliance AND s.dataset = v.path
  LEFT JOIN own_task AS w ON w.appliance = s.appliance AND w.path = s.dataset AND w.schema = s.schema
  WHERE s.is_driver_made = FALSE AND s.is_replica = FALSE AND (v.is_marked = TRUE OR w.n_tasks IS NULL)
)
SELECT f.path AS subject, 'zfs_dataset' AS subject_table, f.appliance AS appliance,
       CASE WHEN f.is_resolved = TRUE THEN 'confirmed' ELSE 'candidate' END AS grade,
       CASE WHEN COALESCE(c.n_tasks, 0) > 0 THEN 'low' ELSE 'medium' END AS severity,
       COUNT(*) AS n_snapshots, SUM(f.n_periodic) AS n_periodic, COUNT(*) - SUM(f.n_periodic) AS n_foreign,
       MIN(f.created_at) AS oldest_at, COALESCE(c.n_tasks, 0) AS n_replications
FROM foreign_one AS f
LEFT JOIN copied AS c ON c.appliance = f.appliance AND c.path = f.path
GROUP BY f.path, f.appliance, f.is_resolved, c.n_tasks
