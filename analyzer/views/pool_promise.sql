-- Promises of each usable pool beside what its root can still give. Volumes without any limit promise more than a
-- number can say: they are counted apart.
WITH promised AS (
  SELECT p.appliance AS appliance, p.pool AS pool, COUNT(*) AS n_promises, SUM(p.promised_bytes) AS promised_bytes,
         SUM(p.worst_bytes) AS worst_bytes, SUM(p.used_by_dataset_bytes) AS used_by_dataset_bytes,
         SUM(p.unbacked_bytes) AS unbacked_bytes, COUNT(*) - COUNT(p.unbacked_bytes) AS n_unread,
         SUM(CASE WHEN p.is_layout_known = FALSE THEN 1 ELSE 0 END) AS n_unknown_layouts
  FROM promise AS p
  GROUP BY p.appliance, p.pool
),
boundless AS (
  SELECT d.appliance AS appliance, d.pool AS pool, COUNT(*) AS n_unlimited
  FROM zfs_dataset AS d
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  WHERE d.kind = 'FILESYSTEM' AND d.refquota_bytes IS NULL AND d.quota_bytes IS NULL AND o.is_managed = TRUE
    AND o.csi_volume_name IS NOT NULL AND d.csi_snapshot_name IS NULL
  GROUP BY d.appliance, d.pool
)
SELECT p.appliance AS appliance, p.pool AS pool, p.n_promises AS n_promises, p.promised_bytes AS promised_bytes,
       p.worst_bytes AS worst_bytes, p.used_by_dataset_bytes AS used_by_dataset_bytes,
       p.unbacked_bytes AS unbacked_bytes, p.n_unread AS n_unread, p.n_unknown_layouts AS n_unknown_layouts,
       COALESCE(b.n_unlimited, 0) AS n_unlimited, r.used_bytes AS used_bytes,
       r.available_bytes AS available_bytes, r.used_bytes + r.available_bytes AS usable_bytes
FROM promised AS p
JOIN pool_state AS t ON t.appliance = p.appliance AND t.pool = p.pool
JOIN zfs_dataset_space AS r ON r.appliance = p.appliance AND r.path = p.pool
LEFT JOIN boundless AS b ON b.appliance = p.appliance AND b.pool = p.pool
WHERE t.is_usable = TRUE AND r.used_bytes + r.available_bytes > 0
