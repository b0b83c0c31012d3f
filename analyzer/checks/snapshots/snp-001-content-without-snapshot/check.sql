WITH parent_state AS (
  SELECT i.cluster AS cluster, i.driver AS driver, i.appliance AS appliance,
         CASE WHEN s.is_usable = TRUE AND COALESCE(d.is_locked, FALSE) = FALSE THEN 1 ELSE 0 END AS n_usable
  FROM inferred_parent AS i
  LEFT JOIN zfs_dataset AS d ON d.appliance = i.appliance AND d.path = i.parent
  LEFT JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
),
visible AS (
  SELECT p.cluster AS cluster, p.driver AS driver, p.appliance AS appliance
  FROM parent_state AS p
  GROUP BY p.cluster, p.driver, p.appliance
  HAVING MIN(p.n_usable) = 1
),
single AS (
  SELECT v.cluster AS cluster, v.driver AS driver, COUNT(*) AS n_appliances
  FROM visible AS v
  GROUP BY v.cluster, v.driver
),
content AS (
  SELECT c.cluster AS cluster, c.name AS name, c.driver AS driver, c.handle_form AS handle_form,
         c.volume_path AS volume_path, c.volume_leaf AS volume_leaf, c.snapshot AS snapshot,
         c.detached_leaf AS detached_leaf, COALESCE(c.source_handle_leaf, c.volume_leaf) AS source_leaf,
         c.taken_at AS taken_at, c.created_at AS created_at, c.restore_size_bytes AS restore_size_bytes,
         v.appliance AS appliance
  FROM k8s_volume_snapshot_content AS c
  JOIN again_ok AS a ON a.cluster = c.cluster AND a.uid = c.uid
  JOIN visible AS v ON v.cluster = c.cluster AND v.driver = c.driver
  JOIN single AS n ON n.cluster = c.cluster AND n.driver = c.driver
  WHERE a.list = 'volumesnapshotcontents' AND n.n_appliances = 1 AND c.is_ready = TRUE AND c.deleting_at IS NULL
    AND c.handle_form IN ('attached', 'attached-path', 'detached')
),
parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent FROM known_parent AS k GROUP BY k.appliance, k.parent
),
alive AS (
  SELECT c.cluster AS cluster, c.name AS name
  FROM content AS c
  JOIN zfs_snapshot AS s ON s.appliance = c.appliance AND s.name = c.snapshot
  JOIN parent AS k ON k.appliance = s.appliance AND k.parent = s.dataset_parent
  UNION ALL
  SELECT c.cluster AS cluster, c.name AS name
  FROM content AS c
  JOIN zfs_snapshot AS s ON s.appliance = c.appliance AND s.dataset = c.volume_path AND s.name = c.snapshot
  UNION ALL
  SELECT c.cluster AS cluster, c.name AS name
  FROM content AS c
  JOIN zfs_dataset AS d ON d.appliance = c.appliance AND d.parent_leaf = c.volume_leaf AND d.leaf = c.detached_leaf
),
locked AS (
  SELECT c.cluster AS cluster, c.name AS name
  FROM content AS c
  JOIN zfs_dataset AS d ON d.appliance = c.appliance AND d.leaf = c.volume_leaf
  WHERE d.is_locked = TRUE
),
unlocked AS (
  SELECT c.* FROM content AS c ANTI JOIN locked AS l ON l.cluster = c.cluster AND l.name = c.name
),
lost AS (
  SELECT c.* FROM unlocked AS c ANTI JOIN alive AS l ON l.cluster = c.cluster AND l.name = c.name
),
copies AS (
  SELECT c.cluster AS cluster, c.name AS name, COUNT(*) AS n_copies
  FROM lost AS c
  JOIN zfs_snapshot AS s ON s.name = c.snapshot
  GROUP BY c.cluster, c.name
),
newest AS (
  SELECT c.cluster AS cluster, c.driver AS driver, c.source_leaf AS source_leaf, MAX(c.taken_at) AS taken_at
  FROM content AS c
  GROUP BY c.cluster, c.driver, c.source_leaf
),
source AS (
  SELECT p.cluster AS cluster, p.driver AS driver, p.handle_leaf AS handle_leaf, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.handle_leaf IS NOT NULL AND p.driver IS NOT NULL
  GROUP BY p.cluster, p.driver, p.handle_leaf
)
SELECT c.name AS subject, 'k8s_volume_snapshot_content' AS subject_table, c.appliance AS appliance,
       CASE WHEN k.n_copies IS NULL THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN c.taken_at = n.taken_at AND v.n_volumes IS NOT NULL THEN 'critical' ELSE 'high' END AS severity,
       c.restore_size_bytes AS bytes, c.cluster AS cluster, c.handle_form AS handle_form, c.taken_at AS taken_at,
       CASE WHEN v.n_volumes IS NULL THEN FALSE ELSE TRUE END AS has_source, COALESCE(k.n_copies, 0) AS n_copies
FROM lost AS c
LEFT JOIN copies AS k ON k.cluster = c.cluster AND k.name = c.name
LEFT JOIN newest AS n ON n.cluster = c.cluster AND n.driver = c.driver AND n.source_leaf = c.source_leaf
LEFT JOIN source AS v ON v.cluster = c.cluster AND v.driver = c.driver AND v.handle_leaf = c.source_leaf
LEFT JOIN clock_offset AS o ON o.cluster = c.cluster
WHERE :now + COALESCE(o.offset_secs, 0) - c.created_at >= :min_age_secs
