WITH read AS (
  SELECT s.cluster AS cluster, MIN(COALESCE(s.server_at, s.started_at)) AS read_at
  FROM collect_status AS s
  WHERE s.table = 'k8s_pvc' AND s.pass = 1 AND s.cluster IS NOT NULL
  GROUP BY s.cluster
),
pod AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim, COUNT(*) AS n_pods,
         MIN(p.created_at) AS created_at
  FROM k8s_pod_volume AS v
  JOIN k8s_pod AS p ON p.cluster = v.cluster AND p.uid = v.pod_uid
  WHERE p.phase = 'Pending' AND p.deleting_at IS NULL
  GROUP BY v.cluster, v.namespace, v.claim
),
begun AS (
  SELECT m.*, COALESCE(o.n_pods, 0) AS n_pods,
         CASE WHEN m.binding_mode <> 'WaitForFirstConsumer' THEN m.created_at
              WHEN m.node_selected_at IS NOT NULL THEN m.node_selected_at
              WHEN o.created_at > m.created_at THEN o.created_at
              WHEN o.created_at IS NOT NULL THEN m.created_at
              ELSE CAST(NULL AS BIGINT) END AS begun_at,
         CASE WHEN m.source_kind IS NULL THEN CAST(:pending_secs AS BIGINT)
              ELSE CAST(:copy_secs AS BIGINT) END AS limit_secs
  FROM pending_claim AS m
  LEFT JOIN pod AS o ON o.cluster = m.cluster AND o.namespace = m.namespace AND o.claim = m.name
),
aged AS (
  SELECT b.*, COALESCE(r.read_at, :now + COALESCE(f.offset_secs, 0)) - b.begun_at AS age_secs
  FROM begun AS b
  LEFT JOIN read AS r ON r.cluster = b.cluster
  LEFT JOIN clock_offset AS f ON f.cluster = b.cluster
  WHERE b.begun_at IS NOT NULL
),
failure AS (
  SELECT e.cluster AS cluster, e.object_uid AS uid, COALESCE(e.error_class, 'other') AS error_class,
         COALESCE(e.last_at, e.first_at, 0) AS last_at, e.n_times AS n_times
  FROM k8s_event AS e
  WHERE e.object_kind = 'PersistentVolumeClaim' AND e.reason = 'ProvisioningFailed' AND e.object_uid IS NOT NULL
),
newest AS (
  SELECT f.cluster AS cluster, f.uid AS uid, MAX(f.last_at) AS last_at, SUM(f.n_times) AS n_failures
  FROM failure AS f
  GROUP BY f.cluster, f.uid
),
told AS (
  SELECT n.cluster AS cluster, n.uid AS uid, n.n_failures AS n_failures, MIN(f.error_class) AS error_class
  FROM newest AS n
  JOIN failure AS f ON f.cluster = n.cluster AND f.uid = n.uid AND f.last_at = n.last_at
  GROUP BY n.cluster, n.uid, n.n_failures
),
named AS (
  SELECT a.*, COALESCE(t.n_failures, 0) AS n_failures,
         CASE WHEN t.error_class IS NOT NULL THEN t.error_class
              WHEN a.binding_mode = 'WaitForFirstConsumer' AND a.node_selected_at IS NULL THEN 'not-scheduled'
              ELSE 'no-event' END AS cause
  FROM aged AS a
  LEFT JOIN told AS t ON t.cluster = a.cluster AND t.uid = a.uid
)
SELECT n.namespace || '/' || n.name AS subject, 'k8s_pvc' AS subject_table, n.cluster AS cluster,
       n.uid AS evidence_class,
       CASE WHEN n.source_kind IS NULL THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN n.cause = 'quota-exceeded' AND n.source_kind IS NULL THEN 'low' ELSE 'high' END AS severity,
       n.request_bytes AS bytes, n.namespace AS namespace, n.storage_class AS storage_class, n.driver AS driver, n.cause AS cause,
       n.n_failures AS n_failures, n.n_pods AS n_waiting_pods, n.source_kind AS source_kind, n.age_secs AS age_secs,
       n.limit_secs AS limit_secs
FROM named AS n
WHERE n.age_secs > n.limit_secs
