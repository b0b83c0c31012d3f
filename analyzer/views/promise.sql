-- What zvols and limited file systems promise to their users, and how much of it nothing stands behind yet. A quota
-- counts only where there is nothing below it. Detached snapshots are never written again and promise nothing.
WITH above AS (
  SELECT d.appliance AS appliance, d.parent AS path, COUNT(*) AS n_children
  FROM zfs_dataset AS d
  WHERE d.parent IS NOT NULL
  GROUP BY d.appliance, d.parent
),
leaf AS (
  SELECT d.appliance AS appliance, d.path AS path, d.pool AS pool, d.kind AS kind,
         d.refreservation_bytes AS refreservation_bytes, w.is_layout_known AS is_layout_known,
         CASE WHEN d.kind = 'VOLUME' THEN d.volsize_bytes
              WHEN d.refquota_bytes > 0 THEN d.refquota_bytes
              WHEN d.quota_bytes > 0 AND u.n_children IS NULL THEN d.quota_bytes
              ELSE NULL END AS promised_bytes,
         w.worst_bytes AS worst_bytes
  FROM zfs_dataset AS d
  LEFT JOIN above AS u ON u.appliance = d.appliance AND u.path = d.path
  LEFT JOIN zvol_worst AS w ON w.appliance = d.appliance AND w.path = d.path
  WHERE d.csi_snapshot_name IS NULL
),
backed AS (
  SELECT l.appliance AS appliance, l.path AS path, l.pool AS pool, l.kind AS kind,
         l.promised_bytes AS promised_bytes, COALESCE(l.worst_bytes, l.promised_bytes) AS worst_bytes,
         CASE WHEN l.kind = 'VOLUME' THEN COALESCE(l.is_layout_known, FALSE) ELSE TRUE END AS is_layout_known,
         s.used_by_dataset_bytes AS used_by_dataset_bytes,
         COALESCE(s.used_by_refreservation_bytes,
                  CASE WHEN l.refreservation_bytes IS NULL THEN 0 ELSE NULL END) AS reserved_bytes
  FROM leaf AS l
  LEFT JOIN zfs_dataset_space AS s ON s.appliance = l.appliance AND s.path = l.path
  WHERE l.promised_bytes IS NOT NULL
)
SELECT b.*,
       CASE WHEN b.worst_bytes > b.used_by_dataset_bytes + b.reserved_bytes
            THEN b.worst_bytes - b.used_by_dataset_bytes - b.reserved_bytes
            WHEN b.used_by_dataset_bytes + b.reserved_bytes IS NULL THEN NULL
            ELSE 0 END AS unbacked_bytes
FROM backed AS b
