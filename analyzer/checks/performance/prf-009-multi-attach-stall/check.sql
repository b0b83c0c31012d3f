WITH read AS (
  SELECT s.cluster AS cluster, MIN(COALESCE(s.server_at, s.started_at)) AS read_at
  FROM collect_status AS s
  WHERE s.table = 'k8s_volume_attachment' AND s.pass = 1 AND s.cluster IS NOT NULL
  GROUP BY s.cluster
),
volume AS (
  SELECT p.cluster AS cluster, p.name AS name, p.claim_namespace AS namespace, p.claim_name AS claim, p.driver AS driver
  FROM k8s_pv AS p
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  WHERE p.access_mode IN ('ReadWriteOnce', 'ReadWriteOncePod') AND p.phase = 'Bound'
),
attached AS (
  SELECT t.cluster AS cluster, t.pv AS name, t.node AS node, t.created_at AS created_at,
         COALESCE(t.status_changed_at, t.created_at) AS attached_at, t.deleting_at AS deleting_at,
         CASE WHEN n.is_ready = TRUE THEN 0 ELSE 1 END AS n_lost
  FROM k8s_volume_attachment AS t
  LEFT JOIN k8s_node AS n ON n.cluster = t.cluster AND n.name = t.node
  WHERE t.is_attached = TRUE AND t.pv IS NOT NULL
),
twice AS (
  SELECT v.cluster AS cluster, v.name AS name, COUNT(DISTINCT a.node) AS n_nodes
  FROM volume AS v
  JOIN attached AS a ON a.cluster = v.cluster AND a.name = v.name
  WHERE a.deleting_at IS NULL
  GROUP BY v.cluster, v.name
),
told AS (
  SELECT e.cluster AS cluster, e.object_uid AS pod_uid, MIN(COALESCE(e.first_at, e.last_at)) AS first_at
  FROM k8s_event AS e
  WHERE e.object_kind = 'Pod' AND e.reason = 'FailedAttachVolume' AND e.error_class = 'multi-attach'
    AND e.object_uid IS NOT NULL
  GROUP BY e.cluster, e.object_uid
),
wish AS (
  SELECT v.cluster AS cluster, v.name AS name, v.namespace AS namespace, v.claim AS claim, v.driver AS driver,
         p.uid AS pod_uid, p.node AS node, p.phase AS phase, COALESCE(p.scheduled_at, p.created_at) AS placed_at,
         t.first_at AS told_at
  FROM volume AS v
  JOIN k8s_pod_volume AS u ON u.cluster = v.cluster AND u.namespace = v.namespace AND u.claim = v.claim
  JOIN k8s_pod AS p ON p.cluster = u.cluster AND p.uid = u.pod_uid
  LEFT JOIN told AS t ON t.cluster = p.cluster AND t.pod_uid = p.uid
  WHERE p.node IS NOT NULL AND p.deleting_at IS NULL
),
other AS (
  SELECT w.cluster AS cluster, w.name AS name, w.pod_uid AS pod_uid, COUNT(*) AS n_attached, MAX(a.n_lost) AS n_lost
  FROM wish AS w
  JOIN attached AS a ON a.cluster = w.cluster AND a.name = w.name
  WHERE a.node <> w.node
  GROUP BY w.cluster, w.name, w.pod_uid
),
user_of AS (
  SELECT w.cluster AS cluster, w.name AS name, w.pod_uid AS pod_uid, COUNT(*) AS n_users
  FROM wish AS w
  JOIN wish AS o ON o.cluster = w.cluster AND o.name = w.name
  WHERE o.node <> w.node AND o.phase = 'Running'
  GROUP BY w.cluster, w.name, w.pod_uid
),
joined AS (
  SELECT w.*, COALESCE(o.n_attached, 0) AS n_others, COALESCE(o.n_lost, 0) AS n_lost, COALESCE(u.n_users, 0) AS n_users,
         a.created_at AS own_created_at, a.attached_at AS own_attached_at,
         COALESCE(r.read_at, :now + COALESCE(f.offset_secs, 0)) AS read_at
  FROM wish AS w
  LEFT JOIN other AS o ON o.cluster = w.cluster AND o.name = w.name AND o.pod_uid = w.pod_uid
  LEFT JOIN user_of AS u ON u.cluster = w.cluster AND u.name = w.name AND u.pod_uid = w.pod_uid
  LEFT JOIN attached AS a ON a.cluster = w.cluster AND a.name = w.name AND a.node = w.node
  LEFT JOIN read AS r ON r.cluster = w.cluster
  LEFT JOIN clock_offset AS f ON f.cluster = w.cluster
),
stall AS (
  SELECT j.*,
         CASE WHEN j.own_created_at > j.told_at THEN 'ended'
              WHEN j.own_created_at IS NOT NULL OR j.n_others = 0 OR j.phase <> 'Pending' THEN 'none'
              WHEN j.n_users > 0 THEN 'used-elsewhere'
              WHEN j.n_lost > 0 THEN 'node-not-ready'
              ELSE 'detach-late' END AS cause,
         COALESCE(j.told_at, j.placed_at) AS begun_at, COALESCE(j.own_attached_at, j.read_at) AS ended_at
  FROM joined AS j
),
lasting AS (
  SELECT s.cluster AS cluster, s.name AS name, s.cause AS cause, COUNT(*) AS n_pods,
         MAX(s.ended_at - s.begun_at) AS stall_secs, MAX(s.n_others) AS n_nodes
  FROM stall AS s
  WHERE s.cause <> 'none' AND s.ended_at - s.begun_at > :stall_secs
  GROUP BY s.cluster, s.name, s.cause
),
problem AS (
  SELECT l.cluster AS cluster, l.name AS name, l.cause AS cause, l.n_pods AS n_pods, l.stall_secs AS stall_secs,
         l.n_nodes AS n_nodes
  FROM lasting AS l
  UNION ALL
  SELECT t.cluster AS cluster, t.name AS name, 'attached-twice' AS cause, 0 AS n_pods, CAST(NULL AS BIGINT) AS stall_secs,
         t.n_nodes AS n_nodes
  FROM twice AS t
  WHERE t.n_nodes > 1
)
SELECT q.name AS subject, 'k8s_pv' AS subject_table, q.cluster AS cluster, q.cause AS evidence_class,
       CASE WHEN q.cause IN ('used-elsewhere', 'ended') THEN 'medium' ELSE 'high' END AS severity, q.cause AS cause,
       v.namespace AS namespace, v.claim AS claim, v.driver AS driver, q.n_nodes AS n_nodes, q.n_pods AS n_waiting_pods,
       q.stall_secs AS stall_secs
FROM problem AS q
JOIN volume AS v ON v.cluster = q.cluster AND v.name = q.name
