-- Namespaces of claims that Velero covers with volumes: by a backup that was made (until it expires) or by a schedule that
-- runs, which has taken nothing yet. A selector, a partial failure and a pattern of names leave in doubt what is covered.
WITH owner AS (
  SELECT b.cluster AS cluster, b.uid AS uid, b.is_all_namespaces AS is_all,
         COALESCE(b.started_at, b.created_at) AS taken_at, COALESCE(b.expires_at, 9999999999) AS expires_at,
         COALESCE(b.is_snapshotting, TRUE) AS is_snapshotting,
         CASE WHEN b.is_moving_data = TRUE OR b.is_copying_files = TRUE THEN TRUE ELSE FALSE END AS is_off_pool,
         CASE WHEN b.is_selective = FALSE AND b.phase = 'Completed' THEN TRUE ELSE FALSE END AS is_sure
  FROM k8s_velero_backup AS b
  WHERE b.phase IN ('Completed', 'PartiallyFailed')
  UNION ALL
  SELECT s.cluster AS cluster, s.uid AS uid, s.is_all_namespaces AS is_all, CAST(NULL AS BIGINT) AS taken_at,
         9999999999 AS expires_at,
         COALESCE(s.is_snapshotting, TRUE) AS is_snapshotting,
         CASE WHEN s.is_moving_data = TRUE OR s.is_copying_files = TRUE THEN TRUE ELSE FALSE END AS is_off_pool,
         CASE WHEN s.is_selective = FALSE THEN TRUE ELSE FALSE END AS is_sure
  FROM k8s_velero_schedule AS s
  WHERE s.phase = 'Enabled' AND s.is_paused = FALSE
),
taking AS (
  SELECT o.* FROM owner AS o WHERE o.is_snapshotting = TRUE OR o.is_off_pool = TRUE
),
included AS (
  SELECT n.cluster AS cluster, n.owner_uid AS uid, n.namespace AS namespace
  FROM k8s_velero_namespace AS n
  WHERE n.is_excluded = FALSE
),
excluded AS (
  SELECT n.cluster AS cluster, n.owner_uid AS uid, n.namespace AS namespace
  FROM k8s_velero_namespace AS n
  WHERE n.is_excluded = TRUE
),
place AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace FROM k8s_pvc AS c GROUP BY c.cluster, c.namespace
),
open AS (
  SELECT t.* FROM taking AS t ANTI JOIN included AS i ON i.cluster = t.cluster AND i.uid = t.uid
),
covered AS (
  SELECT t.cluster AS cluster, t.uid AS uid, p.namespace AS namespace, t.is_sure AS is_sure,
         t.is_off_pool AS is_off_pool, t.taken_at AS taken_at, t.expires_at AS expires_at
  FROM taking AS t
  JOIN place AS p ON p.cluster = t.cluster
  WHERE t.is_all = TRUE
  UNION ALL
  SELECT t.cluster AS cluster, t.uid AS uid, i.namespace AS namespace, t.is_sure AS is_sure,
         t.is_off_pool AS is_off_pool, t.taken_at AS taken_at, t.expires_at AS expires_at
  FROM taking AS t
  JOIN included AS i ON i.cluster = t.cluster AND i.uid = t.uid
  WHERE t.is_all = FALSE
  UNION ALL
  SELECT t.cluster AS cluster, t.uid AS uid, p.namespace AS namespace, FALSE AS is_sure,
         t.is_off_pool AS is_off_pool, t.taken_at AS taken_at, t.expires_at AS expires_at
  FROM open AS t
  JOIN place AS p ON p.cluster = t.cluster
  WHERE t.is_all = FALSE
)
SELECT c.cluster AS cluster, c.namespace AS namespace, c.is_sure AS is_sure, c.is_off_pool AS is_off_pool,
       c.taken_at AS taken_at, c.expires_at AS expires_at
FROM covered AS c
ANTI JOIN excluded AS x ON x.cluster = c.cluster AND x.uid = c.uid AND x.namespace = c.namespace
