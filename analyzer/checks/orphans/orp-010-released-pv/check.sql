WITH released AS (
  SELECT p.cluster AS cluster, p.name AS name, p.reclaim_policy AS reclaim_policy, p.capacity_bytes AS capacity_bytes,
         p.phase_changed_at AS phase_changed_at,
         :now + COALESCE(o.offset_secs, 0) - COALESCE(p.phase_changed_at, p.created_at) AS age_secs,
         CASE WHEN p.reclaim_policy = 'Delete' THEN TRUE ELSE FALSE END AS is_failing,
         CASE WHEN p.deleting_at IS NULL THEN FALSE ELSE TRUE END AS is_deleting
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
  WHERE p.phase = 'Released'
),
clone AS (
  SELECT d.appliance AS appliance, d.origin_path AS path, COUNT(*) AS n_clones
  FROM zfs_dataset AS d
  WHERE d.origin_path IS NOT NULL
  GROUP BY d.appliance, d.origin_path
),
backing AS (
  SELECT v.cluster AS cluster, v.name AS name, SUM(z.used_bytes) AS used_bytes, SUM(COALESCE(c.n_clones, 0)) AS n_clones
  FROM volume_join AS v
  LEFT JOIN zfs_dataset_space AS z ON z.appliance = v.appliance AND z.path = v.path
  LEFT JOIN clone AS c ON c.appliance = v.appliance AND c.path = v.path
  WHERE v.n_path = 1
  GROUP BY v.cluster, v.name
)
SELECT r.name AS subject, 'k8s_pv' AS subject_table, r.cluster AS cluster,
       CASE WHEN r.phase_changed_at IS NULL THEN 'candidate' ELSE 'confirmed' END AS grade,
       CASE WHEN r.is_failing = TRUE OR r.age_secs >= :high_days * 86400 THEN 'high' ELSE 'medium' END AS severity,
       COALESCE(b.used_bytes, r.capacity_bytes) AS bytes, r.age_secs AS age_secs, r.reclaim_policy AS reclaim_policy,
       r.is_deleting AS is_deleting, COALESCE(b.n_clones, 0) AS n_clones
FROM released AS r
LEFT JOIN backing AS b ON b.cluster = r.cluster AND b.name = r.name
WHERE r.is_failing = TRUE AND r.age_secs >= :delete_secs OR r.age_secs >= :warn_days * 86400
