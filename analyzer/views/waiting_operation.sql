-- Operations of drivers of TrueNAS that have begun and not ended: claims without a volume, attachments that are not attached,
-- snapshots that were not taken, pods whose containers wait. Claims that wait for their first consumer have not begun.
WITH starting AS (
  SELECT p.cluster AS cluster, p.uid AS uid, p.node AS node, p.scheduled_at AS begun_at
  FROM k8s_pod AS p
  WHERE p.phase = 'Pending' AND p.node IS NOT NULL AND p.scheduled_at IS NOT NULL AND p.started_at IS NULL
    AND p.deleting_at IS NULL AND COALESCE(p.owner_kind, 'other') <> 'DaemonSet'
    AND COALESCE(p.owner_kind, 'other') <> 'Node'
)
SELECT c.cluster AS cluster, 'provision' AS operation, s.source AS source, c.driver AS driver, c.storage_class AS class,
       CAST(NULL AS STRING) AS node, c.uid AS uid,
       CASE WHEN c.binding_mode = 'WaitForFirstConsumer' THEN c.node_selected_at ELSE c.created_at END AS begun_at
FROM pending_claim AS c
JOIN claim_source AS s ON s.cluster = c.cluster AND s.uid = c.uid
WHERE c.binding_mode <> 'WaitForFirstConsumer' OR c.node_selected_at IS NOT NULL
UNION ALL
SELECT t.cluster AS cluster, 'attach' AS operation, 'volume' AS source, t.driver AS driver, p.storage_class AS class,
       t.node AS node, t.uid AS uid, t.created_at AS begun_at
FROM k8s_volume_attachment AS t
JOIN storage_driver AS d ON d.cluster = t.cluster AND d.driver = t.driver
LEFT JOIN k8s_pv AS p ON p.cluster = t.cluster AND p.name = t.pv
WHERE t.is_attached = FALSE AND t.deleting_at IS NULL
UNION ALL
SELECT s.cluster AS cluster, 'snapshot' AS operation, 'volume' AS source, k.driver AS driver, k.name AS class,
       CAST(NULL AS STRING) AS node, s.uid AS uid, s.created_at AS begun_at
FROM k8s_volume_snapshot AS s
JOIN k8s_volume_snapshot_class AS k ON k.cluster = s.cluster AND k.name = s.class
JOIN storage_driver AS d ON d.cluster = k.cluster AND d.driver = k.driver
WHERE s.is_ready = FALSE AND s.taken_at IS NULL AND s.deleting_at IS NULL AND s.source_claim IS NOT NULL
  AND s.group_snapshot IS NULL AND COALESCE(k.is_detached, FALSE) = FALSE
UNION ALL
SELECT w.cluster AS cluster, 'mount' AS operation, 'volume' AS source, m.driver AS driver, m.class AS class,
       w.node AS node, w.uid AS uid, w.begun_at AS begun_at
FROM starting AS w
JOIN pod_mount AS m ON m.cluster = w.cluster AND m.uid = w.uid
