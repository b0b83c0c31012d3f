WITH release AS (
  SELECT s.appliance AS appliance, s.version AS version, SPLIT_PART(s.version, '-', 1) || '.0' AS number
  FROM nas_system AS s
  WHERE s.version IS NOT NULL
),
lined AS (
  SELECT r.appliance AS appliance, r.version AS version, SPLIT_PART(r.number, '.', 1) AS major,
         SPLIT_PART(r.number, '.', 1) || '.' || SPLIT_PART(r.number, '.', 2) AS line
  FROM release AS r
),
appliance AS (
  SELECT l.appliance AS appliance, l.version AS version,
         CASE WHEN l.line IN ('25.04', '25.10') THEN 'without-scale'
              WHEN l.major IN ('26', '27', '28', '29') THEN 'without-rest'
              ELSE 'with-scale' END AS age,
         CASE WHEN l.line = '25.10' OR l.major IN ('26', '27', '28', '29') THEN TRUE ELSE FALSE END AS has_interface
  FROM lined AS l
),
image AS (
  SELECT c.cluster AS cluster, c.workload_uid AS workload_uid, c.version AS version,
         SPLIT_PART(c.version, '-', 1) || '.0.0' AS number
  FROM k8s_csi_container AS c
  WHERE c.role IN ('democratic-csi', 'truenas-csi')
),
aged AS (
  SELECT i.cluster AS cluster, i.workload_uid AS workload_uid, i.version AS version,
         CASE WHEN SPLIT_PART(i.number, '.', 1) = '0' THEN TRUE
              WHEN SPLIT_PART(i.number, '.', 1) = '1'
                   AND SPLIT_PART(i.number, '.', 2) IN ('0', '1', '2', '3', '4', '5', '6', '7', '8') THEN TRUE
              WHEN SPLIT_PART(i.number, '.', 1) = '1' AND SPLIT_PART(i.number, '.', 2) = '9'
                   AND SPLIT_PART(i.number, '.', 3) IN ('0', '1', '2', '3', '4') THEN TRUE
              ELSE FALSE END AS is_old
  FROM image AS i
),
spoken AS (
  SELECT p.cluster AS cluster, p.driver AS driver, v.appliance AS appliance, p.family AS family, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
  WHERE COALESCE(p.is_static, FALSE) = FALSE
  GROUP BY p.cluster, p.driver, v.appliance, p.family
),
judged AS (
  SELECT w.cluster AS cluster, w.uid AS uid, w.kind AS kind, w.namespace AS namespace, w.driver AS driver,
         a.version AS version, s.appliance AS appliance, s.n_volumes AS n_volumes, n.version AS appliance_version,
         CASE WHEN s.family = 'democratic-csi' AND n.age = 'without-rest' THEN 'rest-gone'
              WHEN s.family = 'democratic-csi' AND n.age = 'without-scale' AND a.is_old = TRUE THEN 'driver-too-old'
              WHEN s.family = 'truenas-csi' AND n.has_interface = FALSE THEN 'appliance-too-old'
              ELSE 'none' END AS cause
  FROM driver_workload AS w
  JOIN aged AS a ON a.cluster = w.cluster AND a.workload_uid = w.uid
  JOIN spoken AS s ON s.cluster = w.cluster AND s.driver = w.driver
  JOIN appliance AS n ON n.appliance = s.appliance
  WHERE w.is_controller = TRUE
)
SELECT j.uid AS subject, 'k8s_workload' AS subject_table, j.cluster AS cluster, j.appliance AS evidence_class,
       CASE WHEN j.cause = 'driver-too-old' THEN 'probable' ELSE 'confirmed' END AS grade,
       CASE WHEN j.cause = 'rest-gone' THEN 'high' ELSE 'medium' END AS severity, j.cause AS cause,
       j.appliance AS appliance, j.appliance_version AS appliance_version, j.kind AS kind, j.namespace AS namespace,
       j.driver AS driver, j.version AS version, j.n_volumes AS n_volumes
FROM judged AS j
WHERE j.cause <> 'none'
