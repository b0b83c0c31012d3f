WITH candidate AS (
  SELECT u.appliance AS appliance, u.subject_table AS subject_table, u.id AS id, u.subject AS subject, u.path AS path,
         u.parent AS parent, u.grandparent AS grandparent, u.n_sessions AS n_sessions, u.is_marked AS is_marked,
         CASE WHEN m.path IS NULL THEN 'driver-mark' ELSE 'dataset-without-pv' END AS cause,
         COALESCE(m.is_resolved, TRUE) AS is_resolved
  FROM unclaimed_export AS u
  LEFT JOIN orphan_dataset AS m ON m.appliance = u.appliance AND m.path = u.path
  WHERE u.is_marked = TRUE OR m.path IS NOT NULL
  UNION ALL
  SELECT s.appliance AS appliance, s.subject_table AS subject_table, s.id AS id, s.subject AS subject, s.path AS path,
         s.parent AS parent, s.parent AS grandparent, 0 AS n_sessions,
         CASE WHEN s.subject_table = 'nas_nfs_share' THEN TRUE ELSE FALSE END AS is_marked, 'path-gone' AS cause,
         TRUE AS is_resolved
  FROM vanished_share AS s
),
weighed AS (
  SELECT j.*, COALESCE(a.n_bundles, 0) AS n_bundles, COALESCE(:now - a.started_at, 0) AS absent_secs,
         CASE WHEN COALESCE(sp.oldest_ended_at, sg.oldest_ended_at, 0) >= :now - :scope_window_secs THEN TRUE
              ELSE FALSE END AS is_declared
  FROM candidate AS j
  LEFT JOIN export_absence AS a ON a.appliance = j.appliance AND a.subject_table = j.subject_table AND a.id = j.id
  LEFT JOIN declared_scope AS sp ON sp.parent = j.parent
  LEFT JOIN declared_scope AS sg ON sg.parent = j.grandparent
)
SELECT w.subject AS subject, w.subject_table AS subject_table, w.appliance AS appliance,
       CASE WHEN w.is_resolved = FALSE OR w.is_declared = FALSE OR w.n_bundles < :min_bundles
                 OR w.absent_secs < :grace_secs THEN 'candidate'
            WHEN w.n_bundles >= :confirm_bundles AND w.is_marked = TRUE THEN 'confirmed'
            ELSE 'probable' END AS grade,
       CASE WHEN w.n_sessions > 0 THEN 'high' ELSE 'medium' END AS severity,
       z.used_bytes AS bytes, w.cause AS cause, w.id AS export_id, w.path AS dataset, w.n_sessions AS n_sessions,
       w.is_marked AS is_marked, w.is_declared AS is_declared, w.n_bundles AS n_absent_bundles
FROM weighed AS w
LEFT JOIN zfs_dataset_space AS z ON z.appliance = w.appliance AND z.path = w.path
