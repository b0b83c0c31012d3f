-- Volumes, claims, snapshots and contents whose deletion has begun, with who must finish it, and whether something still
-- rightly holds them: a claim for its PV, a pod for its claim, a restore for its snapshot.
WITH user_of AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim, COUNT(*) AS n_pods
  FROM k8s_pod_volume AS v
  JOIN k8s_pod AS p ON p.cluster = v.cluster AND p.uid = v.pod_uid
  WHERE p.phase <> 'Succeeded' AND p.phase <> 'Failed'
  GROUP BY v.cluster, v.namespace, v.claim
),
restore AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.source_snapshot AS snapshot, COUNT(*) AS n_claims
  FROM k8s_pvc AS c
  WHERE c.phase = 'Pending' AND c.source_snapshot IS NOT NULL
  GROUP BY c.cluster, c.namespace, c.source_snapshot
),
bound AS (
  SELECT c.cluster AS cluster, c.volume_name AS volume_name, COUNT(*) AS n_claims
  FROM k8s_pvc AS c
  WHERE c.volume_name IS NOT NULL
  GROUP BY c.cluster, c.volume_name
)
SELECT p.cluster AS cluster, 'k8s_pv' AS subject_table, p.name AS subject, p.uid AS uid, p.deleting_at AS deleting_at,
       CASE WHEN p.has_provisioner_finalizer = TRUE THEN 'external-provisioner'
            WHEN p.attacher_finalizer = 'own' OR p.attacher_finalizer = 'foreign' THEN 'external-attacher'
            ELSE 'persistentvolume-controller' END AS remover,
       COALESCE(p.has_provisioner_finalizer, FALSE) AS is_backend, FALSE AS has_error
FROM k8s_pv AS p
JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
LEFT JOIN bound AS b ON b.cluster = p.cluster AND b.volume_name = p.name
WHERE p.deleting_at IS NOT NULL AND b.n_claims IS NULL
UNION ALL
SELECT c.cluster AS cluster, 'k8s_pvc' AS subject_table, c.name AS subject, c.uid AS uid, c.deleting_at AS deleting_at,
       CASE WHEN c.has_source_finalizer = TRUE THEN 'clone-or-snapshot-in-progress'
            WHEN c.has_protection_finalizer = TRUE THEN 'pvc-protection-controller'
            ELSE 'other' END AS remover,
       FALSE AS is_backend, FALSE AS has_error
FROM k8s_pvc AS c
LEFT JOIN user_of AS u ON u.cluster = c.cluster AND u.namespace = c.namespace AND u.claim = c.name
WHERE c.deleting_at IS NOT NULL AND u.n_pods IS NULL
UNION ALL
SELECT s.cluster AS cluster, 'k8s_volume_snapshot' AS subject_table, s.name AS subject, s.uid AS uid,
       s.deleting_at AS deleting_at,
       CASE WHEN s.has_source_finalizer = TRUE THEN 'external-provisioner' ELSE 'snapshot-controller' END AS remover,
       TRUE AS is_backend, COALESCE(s.has_error, FALSE) AS has_error
FROM k8s_volume_snapshot AS s
LEFT JOIN restore AS r ON r.cluster = s.cluster AND r.namespace = s.namespace AND r.snapshot = s.name
WHERE s.deleting_at IS NOT NULL AND r.n_claims IS NULL
UNION ALL
SELECT t.cluster AS cluster, 'k8s_volume_snapshot_content' AS subject_table, t.name AS subject, t.uid AS uid,
       t.deleting_at AS deleting_at,
       CASE WHEN t.has_bound_finalizer = FALSE THEN 'other' ELSE 'csi-snapshotter' END AS remover,
       CASE WHEN t.handle_form = 'none' THEN FALSE ELSE TRUE END AS is_backend, COALESCE(t.has_error, FALSE) AS has_error
FROM k8s_volume_snapshot_content AS t
JOIN again_content AS a ON a.cluster = t.cluster AND a.uid = t.uid
WHERE t.deleting_at IS NOT NULL
