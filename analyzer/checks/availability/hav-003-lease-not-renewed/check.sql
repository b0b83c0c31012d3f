WITH read AS (
  SELECT s.cluster AS cluster, MIN(s.server_at) AS read_at
  FROM collect_status AS s
  WHERE s.table = 'k8s_lease' AND s.pass = 1 AND s.server_at IS NOT NULL
  GROUP BY s.cluster
),
pods AS (
  SELECT p.cluster AS cluster, p.workload_uid AS workload_uid, COUNT(*) AS n_ready_pods, MIN(p.created_at) AS oldest_at
  FROM driver_pod AS p
  WHERE p.is_ready = TRUE
  GROUP BY p.cluster, p.workload_uid
),
snapshotting AS (
  SELECT w.cluster AS cluster
  FROM driver_workload AS w
  JOIN k8s_csi_container AS c ON c.cluster = w.cluster AND c.workload_uid = w.uid
  WHERE c.role = 'snapshotter'
),
snapshot_controller AS (
  SELECT w.cluster AS cluster, w.uid AS uid, w.kind AS kind, w.namespace AS namespace
  FROM k8s_csi_container AS c
  JOIN k8s_workload AS w ON w.cluster = c.cluster AND w.uid = c.workload_uid
  SEMI JOIN snapshotting AS s ON s.cluster = c.cluster
  WHERE c.role = 'snapshot-controller' AND w.kind IN ('Deployment', 'StatefulSet', 'DaemonSet') AND w.deleting_at IS NULL
),
maker AS (
  SELECT c.cluster AS cluster, c.uid AS uid, c.uid AS workload_uid FROM snapshot_controller AS c
  UNION ALL
  SELECT r.cluster AS cluster, r.uid AS uid, c.uid AS workload_uid
  FROM k8s_workload AS r
  JOIN snapshot_controller AS c ON c.cluster = r.cluster AND c.uid = r.owner_uid
  WHERE r.kind = 'ReplicaSet'
),
snapshot_pods AS (
  SELECT p.cluster AS cluster, m.workload_uid AS workload_uid, COUNT(*) AS n_ready_pods, MIN(p.created_at) AS oldest_at
  FROM k8s_pod AS p
  JOIN maker AS m ON m.cluster = p.cluster AND m.uid = p.owner_uid
  WHERE p.is_ready = TRUE AND p.deleting_at IS NULL AND p.phase IN ('Pending', 'Running', 'Unknown')
  GROUP BY p.cluster, m.workload_uid
),
dated AS (
  SELECT l.cluster AS cluster, l.namespace AS namespace, l.driver AS driver, l.role AS role, l.is_held AS is_held,
         l.holder AS holder, l.n_transitions AS n_transitions, COALESCE(l.duration_secs, 0) AS duration_secs,
         CASE WHEN l.written_at > l.renewed_at THEN l.written_at ELSE l.renewed_at END AS last_at,
         CASE WHEN l.written_at - l.renewed_at <= :clock_secs AND l.renewed_at - l.written_at <= :clock_secs THEN TRUE
              ELSE FALSE END AS is_dated
  FROM k8s_lease AS l
),
stale AS (
  SELECT l.*, r.read_at - l.last_at AS age_secs
  FROM dated AS l
  JOIN read AS r ON r.cluster = l.cluster
  WHERE r.read_at - l.last_at > :stale_secs AND r.read_at - l.last_at > :n_durations * l.duration_secs
),
led AS (
  SELECT s.*, w.uid AS workload_uid, w.kind AS kind, p.n_ready_pods AS n_ready_pods, p.oldest_at AS oldest_at
  FROM stale AS s
  JOIN k8s_csi_driver AS d ON d.cluster = s.cluster AND d.name = s.driver
  JOIN driver_workload AS w ON w.cluster = s.cluster AND w.namespace = s.namespace AND w.driver = s.driver
  JOIN k8s_csi_container AS c ON c.cluster = w.cluster AND c.workload_uid = w.uid AND c.role = s.role
  JOIN pods AS p ON p.cluster = w.cluster AND p.workload_uid = w.uid
  UNION ALL
  SELECT s.*, w.uid AS workload_uid, w.kind AS kind, p.n_ready_pods AS n_ready_pods, p.oldest_at AS oldest_at
  FROM stale AS s
  JOIN snapshot_controller AS w ON w.cluster = s.cluster AND w.namespace = s.namespace
  JOIN snapshot_pods AS p ON p.cluster = w.cluster AND p.workload_uid = w.uid
  WHERE s.role = 'snapshot-controller'
)
SELECT l.workload_uid AS subject, 'k8s_workload' AS subject_table, l.cluster AS cluster, l.role AS evidence_class,
       CASE WHEN l.is_dated = TRUE AND l.oldest_at <= l.last_at THEN 'confirmed' ELSE 'candidate' END AS grade,
       CASE WHEN l.role IN ('provisioner', 'attacher') THEN 'high' WHEN l.role = 'health-monitor' THEN 'low'
            ELSE 'medium' END AS severity,
       l.role AS role, l.kind AS kind, l.namespace AS namespace, l.driver AS driver, l.age_secs AS age_secs,
       l.duration_secs AS duration_secs, l.n_ready_pods AS n_ready_pods, l.is_held AS is_held,
       CASE WHEN l.holder IS NOT NULL AND h.uid IS NULL THEN TRUE ELSE FALSE END AS is_holder_gone,
       COALESCE(l.n_transitions, 0) AS n_transitions
FROM led AS l
LEFT JOIN k8s_pod AS h ON h.cluster = l.cluster AND h.namespace = l.namespace AND h.name = l.holder
