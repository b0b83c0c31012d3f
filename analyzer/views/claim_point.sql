-- What a bound claim can be restored from: contents of ready snapshots whose backing is not gone, snapshots that a task
-- made of its dataset, copies of its snapshots elsewhere (seen by their guid, or told by a replication that finished), and
-- Velero backups of its namespace. `clock` names the appliance that dated it; without one it was the cluster.
WITH claim AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, p.name AS pv, p.driver AS driver,
         p.handle_leaf AS handle_leaf
  FROM k8s_pvc AS c
  LEFT JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  WHERE c.phase = 'Bound' AND c.deleting_at IS NULL
),
dataset AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, v.appliance AS appliance, v.path AS path
  FROM claim AS c
  JOIN volume_join AS v ON v.cluster = c.cluster AND v.name = c.pv
  WHERE v.is_contradiction = FALSE
  GROUP BY c.cluster, c.namespace, c.name, v.appliance, v.path
),
ready AS (
  SELECT c.cluster AS cluster, c.name AS content, c.driver AS driver, c.source_handle_leaf AS handle_leaf,
         COALESCE(c.taken_at, c.created_at) AS taken_at, CASE WHEN c.taken_at IS NULL THEN FALSE ELSE TRUE END AS is_told,
         CASE WHEN c.handle_form = 'detached' THEN 'detached-copy' ELSE 'csi-snapshot' END AS kind
  FROM k8s_volume_snapshot_content AS c
  WHERE c.is_ready = TRUE AND c.deleting_at IS NULL
),
sound AS (
  SELECT r.* FROM ready AS r ANTI JOIN lost_content AS l ON l.cluster = r.cluster AND l.name = r.content
),
asked AS (
  SELECT s.cluster AS cluster, s.namespace AS namespace, s.source_claim AS name, o.kind AS kind, o.taken_at AS taken_at,
         o.is_told AS is_told
  FROM k8s_volume_snapshot AS s
  JOIN sound AS o ON o.cluster = s.cluster AND o.content = s.content
  WHERE s.is_ready = TRUE AND s.deleting_at IS NULL AND s.source_claim IS NOT NULL
  UNION ALL
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, o.kind AS kind, o.taken_at AS taken_at,
         o.is_told AS is_told
  FROM claim AS c
  JOIN sound AS o ON o.cluster = c.cluster AND o.driver = c.driver AND o.handle_leaf = c.handle_leaf
),
made AS (
  SELECT m.appliance AS appliance, m.dataset AS path, MAX(m.created_at) AS taken_at
  FROM snapshot_maker AS m
  WHERE m.maker = 'periodic-task'
  GROUP BY m.appliance, m.dataset
),
copied AS (
  SELECT s.appliance AS appliance, s.dataset AS path, MAX(s.created_at) AS taken_at
  FROM zfs_snapshot AS s
  JOIN zfs_snapshot AS r ON r.guid = s.guid
  WHERE r.appliance <> s.appliance OR r.dataset <> s.dataset
  GROUP BY s.appliance, s.dataset
),
finished AS (
  SELECT r.appliance AS appliance, r.path AS path, t.state_at AS state_at, t.has_name_pattern AS has_name_pattern
  FROM replication_coverage AS r
  JOIN nas_replication_task AS t ON t.appliance = r.task_appliance AND t.id = r.task_id
  WHERE t.state = 'FINISHED' AND t.state_at IS NOT NULL
),
told AS (
  SELECT f.appliance AS appliance, f.path AS path, MAX(s.created_at) AS taken_at
  FROM finished AS f
  JOIN zfs_snapshot AS s ON s.appliance = f.appliance AND s.dataset = f.path AND s.created_at <= f.state_at
  WHERE s.schema IS NOT NULL OR f.has_name_pattern = TRUE
  GROUP BY f.appliance, f.path
)
SELECT a.cluster AS cluster, a.namespace AS namespace, a.name AS name, a.kind AS kind, 'seen' AS evidence,
       a.taken_at AS taken_at, CASE WHEN a.is_told = TRUE THEN d.appliance END AS clock, CAST(NULL AS BIGINT) AS expires_at
FROM asked AS a
LEFT JOIN dataset AS d ON d.cluster = a.cluster AND d.namespace = a.namespace AND d.name = a.name
UNION ALL
SELECT d.cluster AS cluster, d.namespace AS namespace, d.name AS name, 'task-snapshot' AS kind, 'seen' AS evidence,
       m.taken_at AS taken_at, d.appliance AS clock, CAST(NULL AS BIGINT) AS expires_at
FROM dataset AS d
JOIN made AS m ON m.appliance = d.appliance AND m.path = d.path
UNION ALL
SELECT d.cluster AS cluster, d.namespace AS namespace, d.name AS name, 'replication' AS kind, 'seen' AS evidence,
       c.taken_at AS taken_at, d.appliance AS clock, CAST(NULL AS BIGINT) AS expires_at
FROM dataset AS d
JOIN copied AS c ON c.appliance = d.appliance AND c.path = d.path
UNION ALL
SELECT d.cluster AS cluster, d.namespace AS namespace, d.name AS name, 'replication' AS kind, 'told' AS evidence,
       t.taken_at AS taken_at, d.appliance AS clock, CAST(NULL AS BIGINT) AS expires_at
FROM dataset AS d
JOIN told AS t ON t.appliance = d.appliance AND t.path = d.path
UNION ALL
SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, 'velero-backup' AS kind,
       CASE WHEN v.is_sure = TRUE THEN 'seen' ELSE 'in-doubt' END AS evidence, v.taken_at AS taken_at, CAST(NULL AS STRING) AS clock,
       v.expires_at AS expires_at
FROM claim AS c
JOIN velero_cover AS v ON v.cluster = c.cluster AND v.namespace = c.namespace
WHERE v.taken_at IS NOT NULL
