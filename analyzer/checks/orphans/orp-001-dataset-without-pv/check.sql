WITH pending AS (
  SELECT c.expected_volume AS expected_volume, c.uid AS uid
  FROM k8s_pvc AS c
  WHERE c.phase = 'Pending'
),
marked AS (
  SELECT d.appliance AS appliance, d.path AS path, d.parent AS parent, d.grandparent AS grandparent, d.leaf AS leaf,
         d.leaf_uuid AS leaf_uuid, d.csi_volume_name AS csi_volume_name, d.mount_path AS mount_path,
         d.instance AS instance, COALESCE(d.is_provisioned, FALSE) AS is_provisioned, o.source AS source,
         o.is_resolved AS is_resolved
  FROM zfs_dataset AS d
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  JOIN known_parent AS k ON k.appliance = d.appliance AND k.parent = d.parent
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE o.is_managed = TRUE AND s.is_usable = TRUE AND d.csi_snapshot_name IS NULL
    AND COALESCE(d.is_locked, FALSE) = FALSE AND COALESCE(d.is_readonly, FALSE) = FALSE
),
unjoined AS (
  SELECT m.* FROM marked AS m ANTI JOIN volume_join AS v ON v.appliance = m.appliance AND v.path = m.path
),
unhandled AS (
  SELECT m.* FROM unjoined AS m ANTI JOIN k8s_pv AS p ON p.handle_leaf = m.leaf
),
unnamed AS (
  SELECT m.* FROM unhandled AS m ANTI JOIN k8s_pv AS p ON p.name = m.csi_volume_name
),
unexpected AS (
  SELECT m.* FROM unnamed AS m ANTI JOIN pending AS c ON c.expected_volume = m.leaf
),
leftover AS (
  SELECT m.* FROM unexpected AS m ANTI JOIN pending AS c ON c.uid = m.leaf_uuid
),
seen AS (
  SELECT m.appliance AS appliance, m.path AS path, h.last_seen_at AS last_seen_at
  FROM leftover AS m
  JOIN history_pv AS h ON h.name = m.csi_volume_name
  UNION ALL
  SELECT m.appliance AS appliance, m.path AS path, h.last_seen_at AS last_seen_at
  FROM leftover AS m
  JOIN history_pv AS h ON h.handle_leaf = m.leaf
  UNION ALL
  SELECT m.appliance AS appliance, m.path AS path, h.last_seen_at AS last_seen_at
  FROM leftover AS m
  JOIN history_pv AS h ON h.share_path = m.mount_path
),
last_seen AS (
  SELECT s.appliance AS appliance, s.path AS path, MAX(s.last_seen_at) AS last_seen_at
  FROM seen AS s
  GROUP BY s.appliance, s.path
),
first_seen AS (
  SELECT h.appliance AS appliance, h.path AS path, MIN(h.first_seen_at) AS first_seen_at
  FROM history_dataset AS h
  GROUP BY h.appliance, h.path
),
absent AS (
  SELECT m.appliance AS appliance, m.path AS path, l.last_seen_at AS last_seen_at,
         CASE WHEN l.last_seen_at IS NULL THEN COALESCE(f.first_seen_at, :now)
              WHEN COALESCE(f.first_seen_at, 0) > l.last_seen_at THEN f.first_seen_at
              ELSE l.last_seen_at + 1 END AS absent_from
  FROM leftover AS m
  LEFT JOIN last_seen AS l ON l.appliance = m.appliance AND l.path = m.path
  LEFT JOIN first_seen AS f ON f.appliance = m.appliance AND f.path = m.path
),
cluster_bundle AS (
  SELECT b.cluster AS cluster, b.started_at AS started_at, b.ended_at AS ended_at
  FROM bundle AS b
  SEMI JOIN k8s_cluster AS k ON k.cluster = b.cluster
),
observed AS (
  SELECT a.appliance AS appliance, a.path AS path, b.cluster AS cluster, COUNT(*) AS n_bundles,
         MIN(b.started_at) AS started_at
  FROM absent AS a
  JOIN cluster_bundle AS b ON b.ended_at >= a.absent_from
  GROUP BY a.appliance, a.path, b.cluster
),
agreed AS (
  SELECT o.appliance AS appliance, o.path AS path, COUNT(*) AS n_clusters, MIN(o.n_bundles) AS n_bundles,
         MAX(o.started_at) AS started_at
  FROM observed AS o
  GROUP BY o.appliance, o.path
),
collected AS (
  SELECT COUNT(*) AS n_clusters FROM k8s_cluster AS k
),
listed AS (
  SELECT c.appliance AS appliance, COUNT(*) AS n_lists
  FROM complete_list AS c
  WHERE c.table_name = 'zfs_snapshot' AND c.is_complete = TRUE
  GROUP BY c.appliance
),
aged AS (
  SELECT n.appliance AS appliance, n.dataset AS path, COALESCE(n.written_bytes, 1) AS written_bytes,
         CASE WHEN n.created_at <= a.started_at + COALESCE(o.offset_secs, 0) THEN 1 ELSE 0 END AS n_before
  FROM zfs_snapshot AS n
  JOIN agreed AS a ON a.appliance = n.appliance AND a.path = n.dataset
  JOIN listed AS c ON c.appliance = n.appliance
  LEFT JOIN clock_offset AS o ON o.appliance = n.appliance
),
still AS (
  SELECT g.appliance AS appliance, g.path AS path, SUM(g.n_before) AS n_before,
         SUM(CASE WHEN g.n_before = 0 THEN g.written_bytes ELSE 0 END) AS written_bytes
  FROM aged AS g
  GROUP BY g.appliance, g.path
),
instance AS (
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
weighed AS (
  SELECT m.appliance AS appliance, m.path AS path, m.source AS source, m.is_resolved AS is_resolved,
         m.is_provisioned AS is_provisioned, z.used_bytes AS used_bytes, a.last_seen_at AS last_seen_at,
         CASE WHEN g.n_clusters = t.n_clusters THEN g.n_bundles ELSE 0 END AS n_absent_bundles,
         CASE WHEN g.n_clusters = t.n_clusters THEN :now - g.started_at ELSE 0 END AS absent_secs,
         CASE WHEN COALESCE(sp.oldest_ended_at, sg.oldest_ended_at, 0) >= :now - :scope_window_secs THEN TRUE
              ELSE FALSE END AS is_declared,
         CASE WHEN m.is_resolved = TRUE THEN 2 ELSE 0 END AS n_marker,
         CASE WHEN i.n_volumes IS NULL THEN 0 ELSE 1 END AS n_instance,
         CASE WHEN z.written_bytes = 0 AND w.n_before > 0 AND w.written_bytes = 0 THEN 2 ELSE 0 END AS n_unchanged,
         COALESCE(c.n_clones, 0) AS n_clones, COALESCE(x.n_exports, 0) AS n_exports
  FROM leftover AS m
  JOIN absent AS a ON a.appliance = m.appliance AND a.path = m.path
  CROSS JOIN collected AS t
  LEFT JOIN agreed AS g ON g.appliance = m.appliance AND g.path = m.path
  LEFT JOIN zfs_dataset_space AS z ON z.appliance = m.appliance AND z.path = m.path
  LEFT JOIN still AS w ON w.appliance = m.appliance AND w.path = m.path
  LEFT JOIN declared_scope AS sp ON sp.parent = m.parent
  LEFT JOIN declared_scope AS sg ON sg.parent = m.grandparent
  LEFT JOIN instance AS i ON i.instance = m.instance
  LEFT JOIN clone AS c ON c.appliance = m.appliance AND c.path = m.path
  LEFT JOIN exported AS x ON x.appliance = m.appliance AND x.path = m.path
),
summed AS (
  SELECT w.*,
         CASE WHEN w.n_absent_bundles >= 3 THEN 3 WHEN w.n_absent_bundles = 2 THEN 2 ELSE 0 END AS n_bundles,
         3 + w.n_marker + w.n_instance + w.n_unchanged
           + CASE WHEN w.n_absent_bundles >= 3 THEN 3 WHEN w.n_absent_bundles = 2 THEN 2 ELSE 0 END AS n_points
  FROM weighed AS w
)
SELECT s.path AS subject, 'zfs_dataset' AS subject_table, s.appliance AS appliance,
       CASE WHEN s.is_resolved = FALSE OR s.is_declared = FALSE OR s.n_points < 6
                 OR s.n_absent_bundles < :min_bundles OR s.absent_secs < :grace_secs THEN 'candidate'
            WHEN s.n_points >= 9 AND s.n_absent_bundles >= :confirm_bundles THEN 'confirmed'
            ELSE 'probable' END AS grade,
       CASE WHEN COALESCE(s.used_bytes, 0) >= :large_bytes THEN 'high' ELSE 'medium' END AS severity,
       s.used_bytes AS bytes,
       'marker ' || CAST(s.n_marker AS STRING) || ' + absent 3 + bundles ' || CAST(s.n_bundles AS STRING)
         || ' + instance ' || CAST(s.n_instance AS STRING) || ' + unchanged ' || CAST(s.n_unchanged AS STRING)
         || ' = ' || CAST(s.n_points AS STRING) || '; sessions are not collected'
         || CASE WHEN s.is_resolved = FALSE THEN '; capped: may be a replica' ELSE '' END
         || CASE WHEN s.is_declared = FALSE THEN '; capped: the parent is not declared, or a declared cluster has no bundle in the window' ELSE '' END
         || CASE WHEN s.n_absent_bundles < :min_bundles OR s.absent_secs < :grace_secs THEN '; capped: absent for too short a time' ELSE '' END
         AS points,
       s.source AS source, s.is_provisioned AS is_provisioned, s.is_declared AS is_declared,
       s.n_absent_bundles AS n_absent_bundles, s.absent_secs AS absent_secs, s.last_seen_at AS pv_last_seen_at,
       s.n_exports AS n_exports, s.n_clones AS n_clones
FROM summed AS s
