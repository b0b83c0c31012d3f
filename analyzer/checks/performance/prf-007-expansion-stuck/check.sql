WITH read AS (
  SELECT s.cluster AS cluster, MIN(COALESCE(s.server_at, s.started_at)) AS read_at
  FROM collect_status AS s
  WHERE s.table = 'k8s_pvc' AND s.pass = 1 AND s.cluster IS NOT NULL
  GROUP BY s.cluster
),
pod AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim, COUNT(*) AS n_pods,
         MIN(COALESCE(p.started_at, p.created_at)) AS started_at
  FROM k8s_pod_volume AS v
  JOIN k8s_pod AS p ON p.cluster = v.cluster AND p.uid = v.pod_uid
  WHERE p.phase = 'Running' AND p.deleting_at IS NULL
  GROUP BY v.cluster, v.namespace, v.claim
),
state AS (
  SELECT c.cluster AS cluster, c.claim_uid AS claim_uid, COUNT(*) AS n_conditions,
         MIN(CASE WHEN c.condition IN ('Resizing', 'ControllerResizeError') THEN c.changed_at END) AS controller_at,
         MIN(CASE WHEN c.condition IN ('FileSystemResizePending', 'NodeResizeError') THEN c.changed_at END) AS node_at,
         MAX(CASE WHEN c.condition = 'ControllerResizeError' THEN 1 ELSE 0 END) AS n_controller_errors,
         MAX(CASE WHEN c.condition = 'NodeResizeError' THEN 1 ELSE 0 END) AS n_node_errors,
         MAX(CASE WHEN c.condition = 'FileSystemResizePending' THEN 1 ELSE 0 END) AS n_pending
  FROM k8s_pvc_condition AS c
  WHERE c.is_true = TRUE
    AND c.condition IN ('Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError')
  GROUP BY c.cluster, c.claim_uid
),
bound AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.uid AS uid, c.resize_status AS resize_status,
         c.request_bytes AS request_bytes, c.capacity_bytes AS capacity_bytes, p.driver AS driver,
         COALESCE(o.n_pods, 0) AS n_pods, o.started_at AS pod_started_at, s.n_conditions AS n_conditions,
         s.controller_at AS controller_at, s.node_at AS node_at, COALESCE(s.n_controller_errors, 0) AS n_controller_errors,
         COALESCE(s.n_node_errors, 0) AS n_node_errors, COALESCE(s.n_pending, 0) AS n_pending
  FROM k8s_pvc AS c
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  LEFT JOIN state AS s ON s.cluster = c.cluster AND s.claim_uid = c.uid
  LEFT JOIN pod AS o ON o.cluster = c.cluster AND o.namespace = c.namespace AND o.claim = c.name
  WHERE c.phase = 'Bound' AND c.deleting_at IS NULL
),
named AS (
  SELECT b.*,
         CASE WHEN b.resize_status = 'ControllerResizeInfeasible' THEN 'controller-refused'
              WHEN b.resize_status = 'NodeResizeInfeasible' THEN 'node-refused'
              WHEN b.n_node_errors = 1 THEN 'node-error'
              WHEN b.n_controller_errors = 1 THEN 'controller-error'
              WHEN b.n_pending = 1 AND b.n_pods > 0 THEN 'node-waits'
              WHEN b.n_pending = 1 OR b.resize_status = 'NodeResizePending' THEN 'none'
              WHEN b.n_conditions IS NOT NULL THEN 'controller-waits'
              WHEN b.resize_status IS NULL AND b.request_bytes > b.capacity_bytes THEN 'not-begun'
              ELSE 'none' END AS cause
  FROM bound AS b
),
begun AS (
  SELECT n.*,
         CASE WHEN n.cause = 'not-begun' THEN CAST(NULL AS BIGINT)
              WHEN n.cause = 'node-waits' AND n.pod_started_at > n.node_at THEN n.pod_started_at
              WHEN n.cause IN ('node-waits', 'node-error') THEN n.node_at
              ELSE COALESCE(n.controller_at, n.node_at) END AS begun_at
  FROM named AS n
  WHERE n.cause <> 'none'
),
aged AS (
  SELECT b.*, COALESCE(r.read_at, :now + COALESCE(f.offset_secs, 0)) - b.begun_at AS age_secs
  FROM begun AS b
  LEFT JOIN read AS r ON r.cluster = b.cluster
  LEFT JOIN clock_offset AS f ON f.cluster = b.cluster
),
failure AS (
  SELECT e.cluster AS cluster, e.object_uid AS uid, SUM(e.n_times) AS n_failures, MIN(e.error_class) AS error_class
  FROM k8s_event AS e
  WHERE e.object_kind = 'PersistentVolumeClaim' AND e.reason = 'VolumeResizeFailed' AND e.object_uid IS NOT NULL
  GROUP BY e.cluster, e.object_uid
)
SELECT a.namespace || '/' || a.name AS subject, 'k8s_pvc' AS subject_table, a.cluster AS cluster,
       a.uid AS evidence_class,
       CASE WHEN a.age_secs IS NULL THEN 'candidate' ELSE 'confirmed' END AS grade,
       a.request_bytes - a.capacity_bytes AS bytes, a.cause AS cause, a.namespace AS namespace, a.driver AS driver,
       a.request_bytes AS request_bytes, a.capacity_bytes AS capacity_bytes, a.resize_status AS resize_status,
       a.age_secs AS age_secs, a.n_pods AS n_pods, COALESCE(e.n_failures, 0) AS n_failures, e.error_class AS error_class
FROM aged AS a
LEFT JOIN failure AS e ON e.cluster = a.cluster AND e.uid = a.uid
WHERE a.age_secs > :stuck_secs OR a.age_secs IS NULL
