WITH task AS (
  SELECT t.appliance AS appliance, t.id AS task_id, 'nas_snapshot_task' AS subject_table, 'snapshot-task' AS cause,
         t.dataset AS dataset, t.is_enabled AS is_enabled, t.is_recursive AS is_recursive, t.state AS state
  FROM nas_snapshot_task AS t
  UNION ALL
  SELECT t.appliance AS appliance, t.id AS task_id, 'nas_replication_task' AS subject_table,
         'replication-source' AS cause, x.dataset AS dataset, t.is_enabled AS is_enabled,
         t.is_recursive AS is_recursive, t.state AS state
  FROM nas_replication_task AS t
  JOIN nas_replication_dataset AS x ON x.appliance = t.appliance AND x.task_id = t.id
  WHERE t.direction = 'PUSH' AND x.part = 'source'
),
dangling AS (
  SELECT t.* FROM task AS t ANTI JOIN zfs_dataset AS d ON d.appliance = t.appliance AND d.path = t.dataset
),
former AS (
  SELECT h.appliance AS appliance, h.path AS path, h.parent AS parent, h.pool AS pool, MAX(h.last_seen_at) AS last_seen_at
  FROM history_dataset AS h
  GROUP BY h.appliance, h.path, h.parent, h.pool
),
missed AS (
  SELECT f.appliance AS appliance, f.path AS path, COUNT(*) AS n_bundles
  FROM former AS f
  JOIN bundle_list AS b ON b.appliance = f.appliance AND b.ended_at > f.last_seen_at
  WHERE b.table_name = 'zfs_dataset'
  GROUP BY f.appliance, f.path
),
usable AS (
  SELECT s.appliance AS appliance, s.pool AS pool FROM pool_state AS s WHERE s.is_usable = TRUE
),
out_of_sight AS (
  SELECT s.appliance AS appliance, s.pool AS pool FROM pool_state AS s WHERE s.is_usable = FALSE
  UNION ALL
  SELECT h.appliance AS appliance, h.name AS pool FROM history_pool AS h
  ANTI JOIN usable AS u ON u.appliance = h.appliance AND u.pool = h.name
),
blind AS (
  SELECT o.appliance AS appliance, COUNT(*) AS n_pools FROM out_of_sight AS o GROUP BY o.appliance
),
locked AS (
  SELECT d.appliance AS appliance, COUNT(*) AS n_datasets FROM zfs_dataset AS d
  WHERE d.is_locked = TRUE
  GROUP BY d.appliance
),
wanted AS (
  SELECT p.handle_path AS dataset FROM k8s_pv AS p WHERE p.handle_path IS NOT NULL
  UNION ALL
  SELECT p.share_path AS dataset FROM k8s_pv AS p WHERE p.share_path IS NOT NULL AND p.handle_path IS NULL
),
volume AS (
  SELECT w.dataset AS dataset, COUNT(*) AS n_volumes FROM wanted AS w GROUP BY w.dataset
),
seen AS (
  SELECT d.*, f.last_seen_at AS last_seen_at, COALESCE(m.n_bundles, 1) AS n_bundles, u.pool AS usable_pool,
         COALESCE(t.is_locked, FALSE) AS is_parent_locked
  FROM dangling AS d
  LEFT JOIN former AS f ON f.appliance = d.appliance AND f.path = d.dataset
  LEFT JOIN missed AS m ON m.appliance = d.appliance AND m.path = d.dataset
  LEFT JOIN usable AS u ON u.appliance = f.appliance AND u.pool = f.pool
  LEFT JOIN zfs_dataset AS t ON t.appliance = f.appliance AND t.path = f.parent
),
graded AS (
  SELECT s.*,
         CASE WHEN s.last_seen_at IS NOT NULL
                THEN CASE WHEN s.usable_pool IS NULL OR s.is_parent_locked = TRUE THEN 'none'
                          WHEN s.n_bundles >= :confirm_bundles THEN 'confirmed' ELSE 'probable' END
              WHEN b.n_pools IS NOT NULL THEN 'none'
              WHEN l.n_datasets IS NOT NULL THEN 'candidate'
              ELSE 'probable' END AS certainty
  FROM seen AS s
  LEFT JOIN blind AS b ON b.appliance = s.appliance
  LEFT JOIN locked AS l ON l.appliance = s.appliance
)
SELECT g.dataset AS subject, g.subject_table AS subject_table, g.appliance AS appliance,
       CAST(g.task_id AS STRING) AS evidence_class, g.certainty AS grade, g.cause AS cause, g.task_id AS task_id,
       g.is_enabled AS is_enabled, g.is_recursive AS is_recursive, g.state AS state, g.last_seen_at AS last_seen_at,
       COALESCE(v.n_volumes, 0) AS n_volumes
FROM graded AS g
LEFT JOIN volume AS v ON v.dataset = g.dataset
WHERE g.certainty <> 'none'
