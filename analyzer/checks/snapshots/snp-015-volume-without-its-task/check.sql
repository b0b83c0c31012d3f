WITH made AS (
  SELECT b.cluster AS cluster, b.name AS name, b.appliance AS appliance, b.path AS path, b.storage_class AS storage_class,
         b.n_evidence AS n_evidence, b.capacity_bytes AS capacity_bytes, p.created_at AS created_at,
         c.namespace AS namespace, c.name AS claim,
         CASE WHEN c.source_kind IS NOT NULL OR b.origin_path IS NOT NULL THEN 'restored' ELSE 'not-made' END AS cause
  FROM bound_volume AS b
  JOIN k8s_pv AS p ON p.cluster = b.cluster AND p.name = b.name
  JOIN k8s_pvc AS c ON c.cluster = b.cluster AND c.uid = b.claim_uid
  WHERE p.family = 'truenas-csi' AND c.deleting_at IS NULL
),
own AS (
  SELECT t.appliance AS appliance, t.dataset AS path, COUNT(*) AS n_tasks FROM nas_snapshot_task AS t
  GROUP BY t.appliance, t.dataset
),
covered AS (
  SELECT t.appliance AS appliance, t.path AS path FROM task_coverage AS t WHERE t.is_enabled = TRUE
  UNION ALL
  SELECT o.appliance AS appliance, o.path AS path FROM own AS o
),
bare AS (
  SELECT m.* FROM made AS m ANTI JOIN covered AS t ON t.appliance = m.appliance AND t.path = m.path
),
sibling AS (
  SELECT m.cluster AS cluster, m.storage_class AS storage_class, COUNT(*) AS n_volumes
  FROM made AS m
  JOIN own AS o ON o.appliance = m.appliance AND o.path = m.path
  WHERE m.storage_class IS NOT NULL
  GROUP BY m.cluster, m.storage_class
)
SELECT b.namespace || '/' || b.claim AS subject, 'k8s_pvc' AS subject_table, b.cluster AS cluster,
       CASE WHEN s.has_snapshot_schedule = TRUE AND s.created_at <= b.created_at
              THEN CASE WHEN b.n_evidence >= 2 THEN 'confirmed' ELSE 'probable' END
            ELSE 'candidate' END AS grade,
       b.capacity_bytes AS bytes, b.cause AS cause, b.name AS pv, b.appliance AS appliance, b.path AS dataset,
       b.storage_class AS storage_class, COALESCE(n.n_volumes, 0) AS n_siblings,
       s.snapshot_gap_secs AS snapshot_gap_secs
FROM bare AS b
LEFT JOIN k8s_storage_class AS s ON s.cluster = b.cluster AND s.name = b.storage_class
LEFT JOIN sibling AS n ON n.cluster = b.cluster AND n.storage_class = b.storage_class
WHERE s.has_snapshot_schedule = TRUE OR n.n_volumes IS NOT NULL AND b.cause = 'restored'
