WITH shelf AS (
  SELECT t.appliance AS appliance, t.parent AS parent FROM detached_parent AS t
  UNION ALL
  SELECT d.appliance AS appliance, d.path AS parent
  FROM collect_driver AS c
  JOIN zfs_dataset AS d ON d.path = c.snapshots_parent
  WHERE COALESCE(d.is_readonly, FALSE) = FALSE
),
snapshot_shelf AS (
  SELECT s.appliance AS appliance, s.parent AS parent FROM shelf AS s GROUP BY s.appliance, s.parent
),
volume_home AS (
  SELECT i.appliance AS appliance, i.parent AS parent
  FROM inferred_parent AS i
  GROUP BY i.appliance, i.parent
),
volume_shelf AS (
  SELECT v.* FROM volume_home AS v ANTI JOIN bare_parent AS b ON b.appliance = v.appliance AND b.parent = v.parent
),
bare AS (
  SELECT d.appliance AS appliance, d.path AS path, d.parent AS parent, d.grandparent AS grandparent, d.leaf AS leaf,
         d.leaf_uuid AS leaf_uuid, :now + COALESCE(f.offset_secs, 0) - d.created_at AS age_secs
  FROM zfs_dataset AS d
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  LEFT JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  LEFT JOIN clock_offset AS f ON f.appliance = d.appliance
  WHERE s.is_usable = TRUE AND d.leaf_uuid IS NOT NULL AND d.origin_path IS NULL
    AND COALESCE(d.is_locked, FALSE) = FALSE AND COALESCE(d.is_readonly, FALSE) = FALSE
    AND (d.marker_family IS NULL AND o.source IS NULL OR o.source = 'inherited')
),
placed AS (
  SELECT b.*, 'snapshot' AS cause
  FROM bare AS b
  JOIN snapshot_shelf AS s ON s.appliance = b.appliance AND s.parent = b.grandparent
  UNION ALL
  SELECT b.*, 'volume' AS cause
  FROM bare AS b
  JOIN volume_shelf AS v ON v.appliance = b.appliance AND v.parent = b.parent
),
unjoined AS (
  SELECT p.* FROM placed AS p ANTI JOIN volume_join AS v ON v.appliance = p.appliance AND v.path = p.path
),
unhandled AS (
  SELECT u.* FROM unjoined AS u ANTI JOIN k8s_pv AS p ON p.handle_leaf = u.leaf
),
source AS (
  SELECT s.appliance AS appliance, s.dataset AS path, COUNT(*) AS n_sources
  FROM zfs_snapshot AS s
  WHERE s.class IN ('clone-source', 'detach-source')
  GROUP BY s.appliance, s.dataset
),
wish AS (
  SELECT c.uid AS uid FROM k8s_pvc AS c WHERE c.phase = 'Pending'
  UNION ALL
  SELECT c.snapshot_uid AS uid FROM k8s_volume_snapshot_content AS c
  WHERE c.is_ready = FALSE
),
waiting AS (
  SELECT w.uid AS uid, COUNT(*) AS n_objects FROM wish AS w GROUP BY w.uid
)
SELECT u.path AS subject, 'zfs_dataset' AS subject_table, u.appliance AS appliance,
       CASE WHEN s.n_sources IS NOT NULL AND w.n_objects IS NULL THEN 'probable' ELSE 'candidate' END AS grade,
       z.used_bytes AS bytes, u.cause AS cause, COALESCE(s.n_sources, 0) AS n_sources,
       COALESCE(w.n_objects, 0) AS n_waiting, u.age_secs AS age_secs
FROM unhandled AS u
LEFT JOIN source AS s ON s.appliance = u.appliance AND s.path = u.path
LEFT JOIN waiting AS w ON w.uid = u.leaf_uuid
LEFT JOIN zfs_dataset_space AS z ON z.appliance = u.appliance AND z.path = u.path
WHERE u.age_secs >= :copy_secs
