-- Bound claims whose dataset was found, with what protects them apart from Velero: ready snapshots, schedules and
-- replications of any of its datasets, and how many of these lie outside the pool.
WITH volume AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.created_at AS created_at,
         p.capacity_bytes AS capacity_bytes, p.driver AS driver, p.handle_leaf AS handle_leaf, v.appliance AS appliance,
         v.path AS path, d.pool AS pool
  FROM k8s_pvc AS c
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
  JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path
  WHERE c.phase = 'Bound' AND c.deleting_at IS NULL AND v.is_contradiction = FALSE
),
made AS (
  SELECT s.cluster AS cluster, s.namespace AS namespace, s.source_claim AS name, COUNT(*) AS n_snapshots
  FROM k8s_volume_snapshot AS s
  WHERE s.is_ready = TRUE AND s.deleting_at IS NULL AND s.source_claim IS NOT NULL
  GROUP BY s.cluster, s.namespace, s.source_claim
),
recorded AS (
  SELECT c.cluster AS cluster, c.driver AS driver, c.source_handle_leaf AS handle_leaf, COUNT(*) AS n_contents
  FROM k8s_volume_snapshot_content AS c
  WHERE c.is_ready = TRUE AND c.deleting_at IS NULL AND c.source_handle_leaf IS NOT NULL
  GROUP BY c.cluster, c.driver, c.source_handle_leaf
),
copied AS (
  SELECT c.cluster AS cluster, c.driver AS driver, c.volume_leaf AS handle_leaf, d.appliance AS appliance, d.pool AS pool,
         COUNT(*) AS n_copies
  FROM k8s_volume_snapshot_content AS c
  JOIN zfs_dataset AS d ON d.parent_leaf = c.volume_leaf AND d.leaf = c.detached_leaf
  WHERE c.is_ready = TRUE AND c.deleting_at IS NULL AND c.handle_form = 'detached'
  GROUP BY c.cluster, c.driver, c.volume_leaf, d.appliance, d.pool
),
away AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.name AS name, SUM(k.n_copies) AS n_copies
  FROM volume AS v
  JOIN copied AS k ON k.cluster = v.cluster AND k.driver = v.driver AND k.handle_leaf = v.handle_leaf
  WHERE k.pool <> v.pool OR k.appliance <> v.appliance
  GROUP BY v.cluster, v.namespace, v.name
),
scheduled AS (
  SELECT t.appliance AS appliance, t.path AS path, COUNT(*) AS n_tasks
  FROM task_coverage AS t
  WHERE t.is_enabled = TRUE
  GROUP BY t.appliance, t.path
),
replicated AS (
  SELECT r.appliance AS appliance, r.path AS path, COUNT(*) AS n_tasks,
         SUM(CASE WHEN r.is_off_pool = TRUE THEN 1 ELSE 0 END) AS n_off_pool
  FROM replication_coverage AS r
  GROUP BY r.appliance, r.path
)
SELECT v.cluster AS cluster, v.namespace AS namespace, v.name AS name, MIN(v.created_at) AS created_at,
       MAX(v.capacity_bytes) AS capacity_bytes, MAX(COALESCE(m.n_snapshots, 0)) AS n_snapshots,
       MAX(COALESCE(c.n_contents, 0)) AS n_contents, MAX(COALESCE(s.n_tasks, 0)) AS n_tasks,
       MAX(COALESCE(r.n_tasks, 0)) AS n_replications,
       MAX(COALESCE(r.n_off_pool, 0)) + MAX(COALESCE(a.n_copies, 0)) AS n_off_pool
FROM volume AS v
LEFT JOIN made AS m ON m.cluster = v.cluster AND m.namespace = v.namespace AND m.name = v.name
LEFT JOIN recorded AS c ON c.cluster = v.cluster AND c.driver = v.driver AND c.handle_leaf = v.handle_leaf
LEFT JOIN away AS a ON a.cluster = v.cluster AND a.namespace = v.namespace AND a.name = v.name
LEFT JOIN scheduled AS s ON s.appliance = v.appliance AND s.path = v.path
LEFT JOIN replicated AS r ON r.appliance = v.appliance AND r.path = v.path
GROUP BY v.cluster, v.namespace, v.name
