WITH trimmed AS (
  SELECT m.cluster AS cluster, m.pv AS pv, COUNT(*) AS n_options
  FROM k8s_pv_mount_option AS m
  WHERE m.option = 'discard'
  GROUP BY m.cluster, m.pv
),
held AS (
  SELECT b.cluster AS cluster, b.name AS name, b.appliance AS appliance, b.path AS path, b.driver AS driver,
         b.storage_class AS storage_class, p.claim_namespace AS namespace, p.claim_name AS claim,
         b.volsize_bytes AS volsize_bytes, k.capacity_bytes AS capacity_bytes, k.used_bytes AS guest_bytes,
         z.used_by_dataset_bytes AS head_bytes, COALESCE(z.used_by_snapshots_bytes, 0) AS snapshot_bytes,
         z.written_bytes AS written_bytes,
         CAST(FLOOR(z.logical_used_bytes * 1.0 * z.used_by_dataset_bytes
                    / NULLIF(z.used_by_dataset_bytes + COALESCE(z.used_by_snapshots_bytes, 0)
                             + COALESCE(z.used_by_children_bytes, 0), 0)) AS BIGINT) AS logical_bytes
  FROM bound_volume AS b
  JOIN k8s_pv AS p ON p.cluster = b.cluster AND p.name = b.name
  JOIN k8s_pvc AS c ON c.cluster = p.cluster AND c.uid = p.claim_uid
  JOIN k8s_kubelet_volume AS k ON k.cluster = c.cluster AND k.namespace = c.namespace AND k.claim = c.name
  JOIN zfs_dataset_space AS z ON z.appliance = b.appliance AND z.path = b.path
  WHERE b.kind = 'VOLUME' AND b.volsize_bytes > 0 AND COALESCE(b.refreservation_bytes, 0) = 0
    AND p.volume_mode = 'Filesystem' AND k.used_bytes IS NOT NULL
),
gap AS (
  SELECT h.*, h.logical_bytes - h.guest_bytes AS debt_bytes,
         CAST(FLOOR((h.logical_bytes - h.guest_bytes) * 1.0 * h.head_bytes / NULLIF(h.logical_bytes, 0)) AS BIGINT)
           AS freed_bytes
  FROM held AS h
  WHERE h.logical_bytes > h.guest_bytes
    AND h.capacity_bytes * 100.0 >= h.volsize_bytes * 1.0 * (100 - :max_difference_percent)
    AND h.capacity_bytes * 100.0 <= h.volsize_bytes * 1.0 * (100 + :max_difference_percent)
)
SELECT g.name AS subject, 'k8s_pv' AS subject_table, g.cluster AS cluster, 'probable' AS grade,
       CASE WHEN g.debt_bytes >= :large_bytes THEN 'medium' ELSE 'low' END AS severity,
       CASE WHEN g.written_bytes < g.freed_bytes THEN g.written_bytes ELSE g.freed_bytes END AS bytes,
       g.namespace AS namespace, g.claim AS claim, g.appliance AS appliance, g.path AS dataset, g.driver AS driver,
       g.storage_class AS storage_class, CASE WHEN t.n_options IS NULL THEN FALSE ELSE TRUE END AS has_discard,
       g.debt_bytes AS debt_bytes, g.logical_bytes AS logical_bytes, g.guest_bytes AS guest_bytes,
       g.volsize_bytes AS volsize_bytes, g.snapshot_bytes AS snapshot_bytes
FROM gap AS g
LEFT JOIN trimmed AS t ON t.cluster = g.cluster AND t.pv = g.name
WHERE g.debt_bytes > :min_bytes AND g.debt_bytes * 100.0 > g.volsize_bytes * 1.0 * :min_percent
