WITH warned AS (
  SELECT e.cluster AS cluster, e.pv AS pv, COUNT(*) AS n_events,
         MAX(CASE WHEN e.error_class = 'dependent-clones' THEN 1 ELSE 0 END) AS n_clone_errors,
         MAX(CASE WHEN e.error_class = 'dependent-snapshots' THEN 1 ELSE 0 END) AS n_snapshot_errors
  FROM k8s_event AS e
  WHERE e.pv IS NOT NULL AND e.reason = 'VolumeFailedDelete'
    AND e.error_class IN ('dependent-clones', 'dependent-snapshots', 'busy')
  GROUP BY e.cluster, e.pv
),
released AS (
  SELECT p.cluster AS cluster, p.name AS name, p.capacity_bytes AS capacity_bytes, p.phase_changed_at AS phase_changed_at,
         v.appliance AS appliance, v.path AS path, w.n_events AS n_events,
         COALESCE(w.n_clone_errors, 0) AS n_clone_errors, COALESCE(w.n_snapshot_errors, 0) AS n_snapshot_errors,
         :now + COALESCE(o.offset_secs, 0) - COALESCE(p.phase_changed_at, p.created_at) AS age_secs
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
  LEFT JOIN warned AS w ON w.cluster = p.cluster AND w.pv = p.name
  LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
  WHERE p.phase = 'Released' AND p.reclaim_policy = 'Delete' AND v.n_path = 1
),
joined AS (
  SELECT r.*, COALESCE(d.n_clones, 0) AS n_clones, COALESCE(d.n_held_snapshots, 0) AS n_held_snapshots,
         COALESCE(d.n_csi_snapshots, 0) AS n_csi_snapshots, COALESCE(d.n_foreign_snapshots, 0) AS n_foreign_snapshots
  FROM released AS r
  LEFT JOIN dependent AS d ON d.appliance = r.appliance AND d.path = r.path
),
doomed AS (
  SELECT c.cluster AS cluster, c.name AS name, c.restore_size_bytes AS restore_size_bytes, d.appliance AS appliance,
         d.path AS path, n.n_clones AS n_clones, :now + COALESCE(o.offset_secs, 0) - c.deleting_at AS age_secs
  FROM k8s_volume_snapshot_content AS c
  JOIN again_content AS a ON a.cluster = c.cluster AND a.uid = c.uid
  JOIN zfs_dataset AS d ON d.parent_leaf = c.volume_leaf AND d.leaf = c.detached_leaf
  JOIN cloned_dataset AS n ON n.appliance = d.appliance AND n.path = d.path
  LEFT JOIN clock_offset AS o ON o.cluster = c.cluster
  WHERE c.handle_form = 'detached' AND c.deleting_at IS NOT NULL AND c.deletion_policy = 'Delete'
    AND d.csi_snapshot_name = d.leaf AND COALESCE(d.is_readonly, FALSE) = FALSE
    AND COALESCE(d.managed_source, 'unknown') IN ('local', 'unknown')
),
named AS (
  SELECT j.*,
         CASE WHEN j.n_clones > 0 OR j.n_clone_errors = 1 THEN 'clones'
              WHEN j.n_held_snapshots > 0 THEN 'held-snapshots'
              WHEN j.n_csi_snapshots > 0 THEN 'csi-snapshots'
              WHEN j.n_foreign_snapshots > 0 THEN 'foreign-snapshots'
              WHEN j.n_snapshot_errors = 1 THEN 'snapshots'
              WHEN j.n_events IS NOT NULL THEN 'busy'
              ELSE 'none' END AS cause
  FROM joined AS j
)
SELECT n.name AS subject, 'k8s_pv' AS subject_table, n.appliance AS appliance,
       CASE WHEN n.n_events IS NOT NULL THEN 'confirmed'
            WHEN n.phase_changed_at IS NULL THEN 'candidate'
            WHEN n.n_clones > 0 OR n.n_held_snapshots > 0 THEN 'confirmed'
            ELSE 'probable' END AS grade,
       COALESCE(z.used_bytes, n.capacity_bytes) AS bytes, n.cluster AS cluster, n.path AS dataset, n.cause AS cause,
       n.n_clones AS n_clones, n.n_held_snapshots AS n_held_snapshots, n.n_csi_snapshots AS n_csi_snapshots,
       n.n_foreign_snapshots AS n_foreign_snapshots, COALESCE(n.n_events, 0) AS n_events, n.age_secs AS age_secs
FROM named AS n
LEFT JOIN zfs_dataset_space AS z ON z.appliance = n.appliance AND z.path = n.path
WHERE n.cause <> 'none' AND (n.age_secs >= :delete_secs OR n.n_events IS NOT NULL)
UNION ALL
SELECT m.name AS subject, 'k8s_volume_snapshot_content' AS subject_table, m.appliance AS appliance, 'confirmed' AS grade,
       COALESCE(z.used_bytes, m.restore_size_bytes) AS bytes, m.cluster AS cluster, m.path AS dataset, 'clones' AS cause,
       m.n_clones AS n_clones, 0 AS n_held_snapshots, 0 AS n_csi_snapshots, 0 AS n_foreign_snapshots, 0 AS n_events,
       m.age_secs AS age_secs
FROM doomed AS m
LEFT JOIN zfs_dataset_space AS z ON z.appliance = m.appliance AND z.path = m.path
WHERE m.age_secs >= :delete_secs
