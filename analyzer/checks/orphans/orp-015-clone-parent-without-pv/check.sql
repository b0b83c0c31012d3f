WITH parent AS (
  SELECT m.appliance AS appliance, m.path AS path, m.is_resolved AS is_resolved, c.n_volumes AS n_volumes,
         c.n_steps AS n_steps, a.n_bundles AS n_bundles, COALESCE(:now - a.started_at, 0) AS absent_secs,
         CASE WHEN COALESCE(sp.oldest_ended_at, sg.oldest_ended_at, 0) >= :now - :scope_window_secs THEN TRUE
              ELSE FALSE END AS is_declared
  FROM orphan_dataset AS m
  JOIN live_clone AS c ON c.appliance = m.appliance AND c.path = m.path
  JOIN orphan_absence AS a ON a.appliance = m.appliance AND a.path = m.path
  LEFT JOIN declared_scope AS sp ON sp.parent = m.parent
  LEFT JOIN declared_scope AS sg ON sg.parent = m.grandparent
)
SELECT p.path AS subject, 'zfs_dataset' AS subject_table, p.appliance AS appliance,
       CASE WHEN p.is_resolved = FALSE OR p.is_declared = FALSE OR p.n_bundles < :min_bundles
                 OR p.absent_secs < :grace_secs THEN 'candidate'
            WHEN p.n_bundles >= :confirm_bundles THEN 'confirmed'
            ELSE 'probable' END AS grade,
       z.used_bytes AS bytes, p.n_volumes AS n_live_clones, p.n_steps AS n_steps, p.is_declared AS is_declared,
       p.n_bundles AS n_absent_bundles
FROM parent AS p
LEFT JOIN zfs_dataset_space AS z ON z.appliance = p.appliance AND z.path = p.path
