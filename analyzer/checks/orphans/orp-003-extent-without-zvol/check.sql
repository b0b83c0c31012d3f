WITH zvol AS (
  SELECT d.appliance AS appliance, d.path AS path FROM zfs_dataset AS d WHERE d.kind = 'VOLUME'
),
judged AS (
  SELECT e.appliance AS appliance, e.id AS id, e.name AS name, e.disk_path AS disk_path, e.is_enabled AS is_enabled
  FROM nas_iscsi_extent AS e
  JOIN zfs_dataset AS d ON d.appliance = e.appliance AND d.path = e.disk_parent
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE e.kind = 'DISK' AND COALESCE(e.is_locked, FALSE) = FALSE AND COALESCE(d.is_locked, FALSE) = FALSE
    AND s.is_usable = TRUE
),
dead AS (
  SELECT j.* FROM judged AS j ANTI JOIN zvol AS z ON z.appliance = j.appliance AND z.path = j.disk_path
),
namespace AS (
  SELECT n.appliance AS appliance, n.id AS id, n.subsys_id AS subsys_id, n.device_path AS disk_path,
         n.is_enabled AS is_enabled
  FROM nas_nvmet_namespace AS n
  JOIN zfs_dataset AS d ON d.appliance = n.appliance AND d.path = n.device_parent
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE n.kind = 'ZVOL' AND COALESCE(n.is_locked, FALSE) = FALSE AND COALESCE(d.is_locked, FALSE) = FALSE
    AND s.is_usable = TRUE
),
dead_namespace AS (
  SELECT n.* FROM namespace AS n ANTI JOIN zvol AS z ON z.appliance = n.appliance AND z.path = n.disk_path
),
linked AS (
  SELECT l.appliance AS appliance, l.extent_id AS extent_id, COUNT(*) AS n_links
  FROM nas_iscsi_target_extent AS l
  GROUP BY l.appliance, l.extent_id
)
SELECT d.name AS subject, 'nas_iscsi_extent' AS subject_table, d.appliance AS appliance, d.id AS extent_id,
       d.disk_path AS disk_path, d.is_enabled AS is_enabled, COALESCE(l.n_links, 0) AS n_links
FROM dead AS d
LEFT JOIN linked AS l ON l.appliance = d.appliance AND l.extent_id = d.id
UNION ALL
SELECT n.disk_path AS subject, 'nas_nvmet_namespace' AS subject_table, n.appliance AS appliance,
       CAST(NULL AS BIGINT) AS extent_id, n.disk_path AS disk_path, n.is_enabled AS is_enabled,
       CASE WHEN n.subsys_id IS NULL THEN 0 ELSE 1 END AS n_links
FROM dead_namespace AS n
