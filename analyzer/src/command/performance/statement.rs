//! What is asked of an estate, in the portable dialect.

/// Operations with their age and bounds. The first four are dated by the cluster, the others by the bundles.
pub(super) const OPERATIONS: &str = "\
WITH dated AS (
  SELECT p.cluster AS cluster, 'provision' AS operation, p.source AS source, p.driver AS driver, p.storage_class AS class,
         CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid, p.ended_at AS ended_at, p.lasted_secs AS lasted_secs
  FROM provision_operation AS p
  UNION ALL
  SELECT t.cluster AS cluster, 'attach' AS operation, 'volume' AS source, t.driver AS driver, v.storage_class AS class,
         t.node AS node, CAST(NULL AS STRING) AS uid, t.ended_at AS ended_at, t.lasted_secs AS lasted_secs
  FROM attach_operation AS t
  LEFT JOIN k8s_pv AS v ON v.cluster = t.cluster AND v.name = t.pv
  UNION ALL
  SELECT m.cluster AS cluster, 'mount' AS operation, 'volume' AS source, m.driver AS driver, m.class AS class,
         m.node AS node, m.uid AS uid, m.started_at AS ended_at, m.lasted_secs AS lasted_secs
  FROM mount_operation AS m
  UNION ALL
  SELECT s.cluster AS cluster, 'snapshot' AS operation, 'volume' AS source, s.driver AS driver, s.class AS class,
         CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid, s.asked_at AS ended_at, s.lasted_secs AS lasted_secs
  FROM snapshot_operation AS s
)
SELECT d.cluster AS cluster, d.operation AS operation, d.source AS source, d.driver AS driver, d.class AS class,
       d.node AS node, d.uid AS uid, :now + COALESCE(o.offset_secs, 0) - d.ended_at AS age_secs,
       d.lasted_secs AS least_secs, d.lasted_secs AS most_secs
FROM dated AS d
LEFT JOIN clock_offset AS o ON o.cluster = d.cluster
UNION ALL
SELECT w.cluster AS cluster, w.operation AS operation, w.source AS source, w.driver AS driver, w.class AS class,
       w.node AS node, w.uid AS uid, CAST(0 AS BIGINT) AS age_secs,
       :now + COALESCE(o.offset_secs, 0) - w.begun_at AS least_secs, CAST(NULL AS BIGINT) AS most_secs
FROM waiting_operation AS w
LEFT JOIN clock_offset AS o ON o.cluster = w.cluster
UNION ALL
SELECT r.cluster AS cluster, 'resize' AS operation, 'volume' AS source, s.provisioner AS driver, r.class AS class,
       CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid, :now - r.ended_at AS age_secs, r.least_secs AS least_secs,
       r.most_secs AS most_secs
FROM history_resize AS r
JOIN k8s_storage_class AS s ON s.cluster = r.cluster AND s.name = r.class
JOIN storage_driver AS d ON d.cluster = s.cluster AND d.driver = s.provisioner
UNION ALL
SELECT h.cluster AS cluster, 'delete' AS operation,
       CASE WHEN h.subject_table = 'k8s_pv' THEN 'volume' ELSE 'snapshot' END AS source, h.driver AS driver,
       h.class AS class, CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid,
       CASE WHEN h.gone_at IS NULL THEN 0 ELSE :now - h.gone_at END AS age_secs,
       CASE WHEN h.begun_at IS NULL THEN 0
            ELSE h.seen_from_at + COALESCE(o.offset_secs, 0) - h.begun_at END AS least_secs,
       CASE WHEN h.begun_at IS NULL THEN h.gone_at - h.seen_from_at
            ELSE h.gone_at + COALESCE(o.offset_secs, 0) - h.begun_at END AS most_secs
FROM history_deletion AS h
JOIN storage_driver AS d ON d.cluster = h.cluster AND d.driver = h.driver
LEFT JOIN clock_offset AS o ON o.cluster = h.cluster";

/// Failures by step, as each measurer counted them.
pub(super) const RATES: &str = "\
SELECT r.cluster AS cluster, r.driver AS driver, r.step AS step, r.n_failed AS n_failed, r.n_tried AS n_tried
FROM operation_rate AS r
WHERE r.step <> 'other' AND r.n_tried > 0";

/// Views that these read.
pub(super) const VIEWS: [&str; 8] = [
    "attach_operation",
    "clock_offset",
    "mount_operation",
    "operation_rate",
    "provision_operation",
    "snapshot_operation",
    "storage_driver",
    "waiting_operation",
];
