WITH warned AS (
  SELECT e.cluster AS cluster, e.object_uid AS uid, COUNT(*) AS n_warnings,
         MAX(CASE WHEN e.reason IN ('VolumeFailedDelete', 'SnapshotDeleteError', 'SnapshotFinalizerError') THEN 1 ELSE 0 END)
           AS n_delete_errors
  FROM k8s_event AS e
  WHERE e.kind = 'Warning' AND e.object_uid IS NOT NULL
  GROUP BY e.cluster, e.object_uid
),
space AS (
  SELECT p.cluster AS cluster, p.uid AS uid, p.capacity_bytes AS bytes FROM k8s_pv AS p
  UNION ALL
  SELECT c.cluster AS cluster, c.uid AS uid, c.capacity_bytes AS bytes FROM k8s_pvc AS c
),
place AS (
  SELECT c.cluster AS cluster, c.uid AS uid, c.namespace AS namespace FROM k8s_pvc AS c
  UNION ALL
  SELECT s.cluster AS cluster, s.uid AS uid, s.namespace AS namespace FROM k8s_volume_snapshot AS s
),
aged AS (
  SELECT d.*, :now + COALESCE(o.offset_secs, 0) - d.deleting_at AS age_secs
  FROM deleting_object AS d
  LEFT JOIN clock_offset AS o ON o.cluster = d.cluster
)
SELECT a.subject AS subject, a.subject_table AS subject_table, a.cluster AS cluster, a.uid AS evidence_class,
       CASE WHEN a.is_backend = TRUE AND (a.has_error = TRUE OR w.n_delete_errors = 1) THEN 'high' ELSE 'medium' END AS severity,
       s.bytes AS bytes, a.remover AS remover, n.namespace AS namespace, a.age_secs AS age_secs,
       COALESCE(w.n_warnings, 0) AS n_warnings
FROM aged AS a
LEFT JOIN warned AS w ON w.cluster = a.cluster AND w.uid = a.uid
LEFT JOIN space AS s ON s.cluster = a.cluster AND s.uid = a.uid
LEFT JOIN place AS n ON n.cluster = a.cluster AND n.uid = a.uid
WHERE a.age_secs >= :stuck_secs
