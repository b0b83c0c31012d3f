WITH parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent, MIN(CASE WHEN k.is_inferred = TRUE THEN 1 ELSE 0 END) AS n_inferred
  FROM known_parent AS k
  GROUP BY k.appliance, k.parent
),
shared AS (
  SELECT l.appliance AS appliance, d.parent AS parent, l.cluster AS cluster, p.driver AS driver, COUNT(*) AS n_volumes
  FROM volume_link AS l
  JOIN k8s_pv AS p ON p.cluster = l.cluster AND p.name = l.name
  JOIN zfs_dataset AS d ON d.appliance = l.appliance AND d.path = l.path
  JOIN nas_nfs_share AS n ON n.appliance = d.appliance AND n.path = d.mount_path
  WHERE l.evidence = 'share' AND p.family IN ('democratic-csi', 'truenas-csi', 'tns-csi')
    AND COALESCE(p.is_static, FALSE) = FALSE
  GROUP BY l.appliance, d.parent, l.cluster, p.driver
),
counted AS (
  SELECT s.appliance AS appliance, s.parent AS parent, SUM(s.n_volumes) AS n_volumes
  FROM shared AS s
  GROUP BY s.appliance, s.parent
),
refused AS (
  SELECT e.cluster AS cluster, e.object_uid AS uid, COUNT(*) AS n_events
  FROM k8s_event AS e
  WHERE e.error_class = 'already-exported'
  GROUP BY e.cluster, e.object_uid
),
waiting AS (
  SELECT c.cluster AS cluster, s.provisioner AS driver, COUNT(*) AS n_claims
  FROM k8s_pvc AS c
  JOIN refused AS r ON r.cluster = c.cluster AND r.uid = c.uid
  JOIN k8s_storage_class AS s ON s.cluster = c.cluster AND s.name = c.storage_class
  WHERE c.phase = 'Pending' AND c.deleting_at IS NULL
  GROUP BY c.cluster, s.provisioner
),
blocked AS (
  SELECT i.appliance AS appliance, i.parent AS parent, SUM(w.n_claims) AS n_claims
  FROM inferred_parent AS i
  JOIN waiting AS w ON w.cluster = i.cluster AND w.driver = i.driver
  GROUP BY i.appliance, i.parent
),
judged AS (
  SELECT p.appliance AS appliance, p.parent AS parent, n.id AS id, n.path AS path, n.is_open AS is_open,
         n.comment_form AS comment_form, COALESCE(c.n_volumes, 0) AS n_volumes, COALESCE(b.n_claims, 0) AS n_claims,
         CASE WHEN b.n_claims IS NOT NULL THEN 3
              WHEN c.n_volumes IS NOT NULL THEN 2
              WHEN p.n_inferred = 0 THEN 1
              ELSE 0 END AS weight
  FROM parent AS p
  JOIN parent_path AS x ON x.appliance = p.appliance AND x.parent = p.parent
  JOIN zfs_dataset AS d ON d.appliance = x.appliance AND d.path = x.ancestor
  JOIN nas_nfs_share AS n ON n.appliance = d.appliance AND n.path = d.mount_path
  LEFT JOIN counted AS c ON c.appliance = p.appliance AND c.parent = p.parent
  LEFT JOIN blocked AS b ON b.appliance = p.appliance AND b.parent = p.parent
  WHERE n.is_enabled = TRUE AND COALESCE(n.is_locked, FALSE) = FALSE
)
SELECT j.path AS subject, 'nas_nfs_share' AS subject_table, j.appliance AS appliance, CAST(j.id AS STRING) AS evidence_class,
       CASE WHEN MAX(j.weight) = 3 THEN 'confirmed' WHEN MAX(j.weight) = 2 THEN 'probable' ELSE 'candidate' END AS grade,
       j.id AS share_id, COUNT(*) AS n_parents, SUM(j.n_volumes) AS n_volumes, SUM(j.n_claims) AS n_claims,
       j.is_open AS is_open
FROM judged AS j
WHERE j.weight > 0
GROUP BY j.path, j.appliance, j.id, j.is_open
