WITH parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent, MAX(CASE WHEN k.is_inferred = TRUE THEN 1 ELSE 0 END) AS n_inferred
  FROM known_parent AS k
  GROUP BY k.appliance, k.parent
),
reach AS (
  SELECT x.appliance AS appliance, x.parent AS parent, x.ancestor AS ancestor, p.n_inferred AS n_inferred
  FROM parent_path AS x
  JOIN parent AS p ON p.appliance = x.appliance AND p.parent = x.parent
),
taken AS (
  SELECT r.appliance AS appliance, r.parent AS parent, r.n_inferred AS n_inferred, t.id AS task_id,
         t.dataset AS dataset, t.longest_gap_secs AS longest_gap_secs, t.n_lifetime_units AS n_lifetime_units,
         t.lifetime_unit AS lifetime_unit
  FROM nas_snapshot_task AS t
  JOIN reach AS r ON r.appliance = t.appliance AND r.ancestor = t.dataset
  WHERE t.is_enabled = TRUE AND t.is_recursive = TRUE
),
left_out AS (
  SELECT e.appliance AS appliance, e.task_id AS task_id, r.parent AS parent
  FROM nas_snapshot_task_exclude AS e
  JOIN reach AS r ON r.appliance = e.appliance AND r.ancestor = e.dataset
),
replicated AS (
  SELECT s.appliance AS appliance, r.parent AS parent
  FROM nas_replication_task AS t
  JOIN nas_replication_dataset AS s ON s.appliance = t.appliance AND s.task_id = t.id
  JOIN reach AS r ON r.appliance = s.appliance AND r.ancestor = s.dataset
  WHERE t.is_enabled = TRUE AND t.is_recursive = TRUE AND s.part = 'source'
),
unwanted AS (
  SELECT k.* FROM taken AS k
  ANTI JOIN left_out AS e ON e.appliance = k.appliance AND e.task_id = k.task_id AND e.parent = k.parent
)
SELECT u.parent AS subject, 'zfs_dataset' AS subject_table, u.appliance AS appliance,
       CASE WHEN u.n_inferred = 1 THEN 'confirmed' ELSE 'probable' END AS grade,
       CAST(u.task_id AS STRING) AS evidence_class, u.task_id AS task_id, u.dataset AS task_dataset,
       u.longest_gap_secs AS longest_gap_secs, u.n_lifetime_units AS n_lifetime_units, u.lifetime_unit AS lifetime_unit
FROM unwanted AS u
ANTI JOIN replicated AS r ON r.appliance = u.appliance AND r.parent = u.parent
