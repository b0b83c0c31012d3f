WITH loose AS (
  SELECT e.appliance AS appliance, e.id AS id, e.name AS name, e.name_uuid AS name_uuid, e.disk_path AS disk_path
  FROM nas_iscsi_extent AS e
  ANTI JOIN nas_iscsi_target_extent AS l ON l.appliance = e.appliance AND l.extent_id = e.id
  WHERE e.is_enabled = TRUE AND COALESCE(e.is_locked, FALSE) = FALSE AND e.disk_path IS NOT NULL
),
marked AS (
  SELECT e.appliance AS appliance, e.id AS id, e.name AS name, e.disk_path AS disk_path, d.leaf_uuid AS leaf_uuid,
         e.name_uuid AS name_uuid
  FROM loose AS e
  JOIN zfs_dataset AS d ON d.appliance = e.appliance AND d.path = e.disk_path
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  LEFT JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  WHERE d.kind = 'VOLUME' AND COALESCE(d.is_locked, FALSE) = FALSE AND COALESCE(d.is_readonly, FALSE) = FALSE
    AND s.is_usable = TRUE AND (o.is_managed = TRUE OR e.name_uuid IS NOT NULL)
),
pending AS (
  SELECT c.uid AS uid FROM k8s_pvc AS c WHERE c.phase = 'Pending'
),
unnamed AS (
  SELECT m.* FROM marked AS m ANTI JOIN pending AS c ON c.uid = m.name_uuid
),
settled AS (
  SELECT m.* FROM unnamed AS m ANTI JOIN pending AS c ON c.uid = m.leaf_uuid
),
counted AS (
  SELECT n.appliance AS appliance, n.id AS id, n.name AS name, n.n_bundles AS n_bundles FROM unlinked AS n
  WHERE n.kind = 'extent'
),
volume AS (
  SELECT v.appliance AS appliance, v.path AS path, COUNT(*) AS n_volumes,
         SUM(CASE WHEN p.deleting_at IS NULL THEN 0 ELSE 1 END) AS n_deleting
  FROM volume_join AS v
  JOIN k8s_pv AS p ON p.cluster = v.cluster AND p.name = v.name
  GROUP BY v.appliance, v.path
)
SELECT m.name AS subject, 'nas_iscsi_extent' AS subject_table, m.appliance AS appliance,
       CASE WHEN COALESCE(n.n_bundles, 0) < :min_bundles THEN 'candidate'
            WHEN v.n_volumes IS NULL AND (n.n_bundles >= :confirm_bundles OR a.n_bundles >= :min_bundles) THEN 'confirmed'
            ELSE 'probable' END AS grade,
       z.used_bytes AS bytes, m.id AS extent_id, m.disk_path AS disk_path, COALESCE(v.n_volumes, 0) AS n_volumes,
       COALESCE(n.n_bundles, 0) AS n_bundles
FROM settled AS m
LEFT JOIN counted AS n ON n.appliance = m.appliance AND n.id = m.id AND n.name = m.name
LEFT JOIN volume AS v ON v.appliance = m.appliance AND v.path = m.disk_path
LEFT JOIN orphan_absence AS a ON a.appliance = m.appliance AND a.path = m.disk_path
LEFT JOIN zfs_dataset_space AS z ON z.appliance = m.appliance AND z.path = m.disk_path
WHERE COALESCE(v.n_deleting, 0) = 0
