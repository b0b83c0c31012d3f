WITH instance AS (
  SELECT p.instance AS instance, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.instance IS NOT NULL
  GROUP BY p.instance
),
clone AS (
  SELECT d.appliance AS appliance, d.origin_path AS path, COUNT(*) AS n_clones
  FROM zfs_dataset AS d
  WHERE d.origin_path IS NOT NULL
  GROUP BY d.appliance, d.origin_path
),
export AS (
  SELECT s.appliance AS appliance, s.path AS path FROM nas_nfs_share AS s
  UNION ALL
  SELECT i.appliance AS appliance, i.disk_path AS path FROM iscsi_chain AS i WHERE i.disk_path IS NOT NULL
),
exported AS (
  SELECT e.appliance AS appliance, e.path AS path, COUNT(*) AS n_exports
  FROM export AS e
  GROUP BY e.appliance, e.path
),
listed AS (
  SELECT l.appliance AS appliance, COUNT(DISTINCT l.table_name) AS n_lists
  FROM complete_list AS l
  WHERE l.table_name = 'nas_iscsi_session' AND l.is_complete = TRUE
     OR l.table_name = 'nas_nvmet_session' AND (l.is_complete = TRUE OR l.outcome = 'unsupported')
  GROUP BY l.appliance
),
live AS (
  SELECT b.appliance AS appliance, b.path AS path, SUM(b.n_sessions) AS n_sessions
  FROM block_session AS b
  GROUP BY b.appliance, b.path
),
outside AS (
  SELECT b.appliance AS appliance, b.parent AS parent, SUM(b.n_sessions) AS n_sessions
  FROM outside_session AS b
  GROUP BY b.appliance, b.parent
),
weighed AS (
  SELECT m.appliance AS appliance, m.path AS path, m.source AS source, m.is_resolved AS is_resolved,
         m.is_provisioned AS is_provisioned, z.used_bytes AS used_bytes, a.last_seen_at AS last_seen_at,
         a.n_bundles AS n_absent_bundles, COALESCE(:now - a.started_at, 0) AS absent_secs,
         CASE WHEN COALESCE(sp.oldest_ended_at, sg.oldest_ended_at, 0) >= :now - :scope_window_secs THEN TRUE
              ELSE FALSE END AS is_declared,
         CASE WHEN m.is_resolved = TRUE THEN 2 WHEN m.source = 'name-only' THEN 0 - 2 ELSE 0 END AS n_marker,
         m.kind AS kind, l.n_sessions AS n_live, COALESCE(f.n_sessions, 0) AS n_outside,
         CASE WHEN m.kind = 'VOLUME' AND q.n_lists = 2 AND l.n_sessions IS NULL THEN 2 ELSE 0 END AS n_session,
         CASE WHEN m.kind <> 'VOLUME' THEN 'clients of shares are in no list'
              WHEN q.n_lists = 2 THEN 'sessions are listed'
              ELSE 'sessions were not collected' END AS session_note,
         CASE WHEN m.kind = 'VOLUME' AND q.n_lists = 2 THEN COALESCE(l.n_sessions, 0) END AS n_sessions,
         CASE WHEN i.n_volumes IS NULL THEN 0 ELSE 1 END AS n_instance,
         CASE WHEN z.written_bytes = 0 AND w.n_before > 0 AND w.written_bytes = 0 THEN 2 ELSE 0 END AS n_unchanged,
         COALESCE(c.n_clones, 0) AS n_clones, COALESCE(x.n_exports, 0) AS n_exports
  FROM orphan_dataset AS m
  JOIN orphan_absence AS a ON a.appliance = m.appliance AND a.path = m.path
  LEFT JOIN zfs_dataset_space AS z ON z.appliance = m.appliance AND z.path = m.path
  LEFT JOIN orphan_stillness AS w ON w.appliance = m.appliance AND w.path = m.path
  LEFT JOIN declared_scope AS sp ON sp.parent = m.parent
  LEFT JOIN declared_scope AS sg ON sg.parent = m.grandparent
  LEFT JOIN instance AS i ON i.instance = m.instance
  LEFT JOIN clone AS c ON c.appliance = m.appliance AND c.path = m.path
  LEFT JOIN exported AS x ON x.appliance = m.appliance AND x.path = m.path
  LEFT JOIN listed AS q ON q.appliance = m.appliance
  LEFT JOIN live AS l ON l.appliance = m.appliance AND l.path = m.path
  LEFT JOIN outside AS f ON f.appliance = m.appliance AND f.parent = m.parent
),
summed AS (
  SELECT w.*,
         CASE WHEN w.n_absent_bundles >= 3 THEN 3 WHEN w.n_absent_bundles = 2 THEN 2 ELSE 0 END AS n_bundles,
         3 + w.n_marker + w.n_session + w.n_instance + w.n_unchanged
           + CASE WHEN w.n_absent_bundles >= 3 THEN 3 WHEN w.n_absent_bundles = 2 THEN 2 ELSE 0 END AS n_points
  FROM weighed AS w
)
SELECT s.path AS subject, 'zfs_dataset' AS subject_table, s.appliance AS appliance,
       CASE WHEN s.is_resolved = FALSE OR s.is_declared = FALSE OR s.n_outside > 0 OR s.n_points < 6
                 OR s.n_absent_bundles < :min_bundles OR s.absent_secs < :grace_secs THEN 'candidate'
            WHEN s.n_points >= 9 AND s.n_absent_bundles >= :confirm_bundles AND s.n_live IS NULL THEN 'confirmed'
            ELSE 'probable' END AS grade,
       CASE WHEN COALESCE(s.used_bytes, 0) >= :large_bytes THEN 'high' ELSE 'medium' END AS severity,
       s.used_bytes AS bytes,
       'marker ' || CAST(s.n_marker AS STRING) || ' + absent 3 + bundles ' || CAST(s.n_bundles AS STRING)
         || ' + sessions ' || CAST(s.n_session AS STRING) || ' + instance ' || CAST(s.n_instance AS STRING) || ' + unchanged ' || CAST(s.n_unchanged AS STRING)
         || ' = ' || CAST(s.n_points AS STRING) || '; ' || s.session_note
         || CASE WHEN s.source = 'name-only' THEN '; capped: only the name tells of a driver'
                 WHEN s.is_resolved = FALSE THEN '; capped: may be a replica' ELSE '' END
         || CASE WHEN s.n_outside > 0 THEN '; capped: a session below the parent comes from outside the known fleet' ELSE '' END
         || CASE WHEN s.n_live IS NOT NULL THEN '; not confirmed: a session uses it' ELSE '' END
         || CASE WHEN s.is_declared = FALSE THEN '; capped: the parent is not declared, or a declared cluster has no bundle in the window' ELSE '' END
         || CASE WHEN s.n_absent_bundles < :min_bundles OR s.absent_secs < :grace_secs THEN '; capped: absent for too short a time' ELSE '' END
         AS points,
       s.source AS source, s.is_provisioned AS is_provisioned, s.is_declared AS is_declared,
       s.n_absent_bundles AS n_absent_bundles, s.absent_secs AS absent_secs, s.last_seen_at AS pv_last_seen_at,
       s.n_exports AS n_exports, s.n_clones AS n_clones, s.n_sessions AS n_sessions
FROM summed AS s
