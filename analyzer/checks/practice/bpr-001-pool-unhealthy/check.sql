WITH rebuilding AS (
  SELECT p.appliance AS appliance, p.name AS pool, COUNT(*) AS n_groups
  FROM nas_pool AS p
  JOIN nas_vdev AS v ON v.appliance = p.appliance AND v.pool = p.name
  WHERE p.status = 'DEGRADED' AND p.scan_function = 'RESILVER' AND p.scan_state = 'SCANNING'
    AND v.kind IN ('SPARE', 'REPLACING')
  GROUP BY p.appliance, p.name
),
ill AS (
  SELECT p.appliance AS appliance, p.name AS pool, p.status AS status, r.n_groups AS n_groups
  FROM nas_pool AS p
  LEFT JOIN rebuilding AS r ON r.appliance = p.appliance AND r.pool = p.name
  WHERE p.status <> 'ONLINE'
),
disk AS (
  SELECT v.appliance AS appliance, v.pool AS pool, v.guid AS guid, v.disk AS disk, v.kind AS kind,
         v.status AS status, v.n_checksum_errors AS n_checksum_errors
  FROM nas_vdev AS v
  LEFT JOIN nas_vdev AS g
    ON g.appliance = v.appliance AND g.pool = v.pool AND g.role = v.role AND g.guid = v.parent_guid
  WHERE v.n_checksum_errors > 0 AND v.role <> 'spare' AND COALESCE(g.kind, 'other') NOT IN ('SPARE', 'REPLACING')
),
news AS (
  SELECT a.appliance AS appliance, a.uuid AS uuid, a.class AS class, a.level AS level, a.pool AS pool, a.disk AS disk
  FROM nas_alert AS a
  LEFT JOIN ill AS i ON i.appliance = a.appliance AND i.pool = a.pool
  WHERE a.level IN ('CRITICAL', 'ALERT', 'EMERGENCY') AND COALESCE(a.is_dismissed, FALSE) = FALSE
    AND (a.class <> 'VolumeStatus' OR i.status IS NULL) AND a.class <> 'ZpoolCapacityCritical'
    AND a.class <> 'QuotaCritical'
)
SELECT i.pool AS subject, 'nas_pool' AS subject_table, i.appliance AS appliance,
       CASE WHEN i.status IN ('DEGRADED', 'other') THEN 'high' ELSE 'critical' END AS severity, i.status AS status,
       i.pool AS pool, CAST(NULL AS STRING) AS disk, 0 AS n_checksum_errors, CAST(NULL AS STRING) AS alert_class
FROM ill AS i
WHERE i.n_groups IS NULL
UNION ALL
SELECT d.guid AS subject, 'nas_vdev' AS subject_table, d.appliance AS appliance, 'high' AS severity, d.status AS status,
       d.pool AS pool, d.disk AS disk, d.n_checksum_errors AS n_checksum_errors, CAST(NULL AS STRING) AS alert_class
FROM disk AS d
UNION ALL
SELECT n.uuid AS subject, 'nas_alert' AS subject_table, n.appliance AS appliance, 'high' AS severity,
       n.level AS status, n.pool AS pool, n.disk AS disk, 0 AS n_checksum_errors, n.class AS alert_class
FROM news AS n
