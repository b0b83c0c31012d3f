WITH pending AS (
  SELECT c.expected_volume AS expected_volume, c.uid AS uid,
         CASE WHEN c.source_kind IS NULL THEN FALSE ELSE TRUE END AS is_copy
  FROM k8s_pvc AS c
  WHERE c.phase = 'Pending'
),
half AS (
  SELECT d.appliance AS appliance, d.path AS path, d.leaf AS leaf, d.leaf_uuid AS leaf_uuid,
         d.csi_volume_name AS csi_volume_name, o.is_resolved AS is_resolved,
         CASE WHEN d.content_source_leaf IS NULL THEN FALSE ELSE TRUE END AS is_copy,
         CASE WHEN d.context IS NOT NULL THEN 'last-mark'
              WHEN COALESCE(d.nfs_share_id, d.smb_share_id, d.iscsi_target_extent_id, d.nvmet_namespace_id) IS NOT NULL
                THEN 'context'
              ELSE 'export' END AS missing,
         COALESCE(d.nfs_share_id, d.smb_share_id, d.iscsi_target_id, d.iscsi_extent_id, d.nvmet_subsys_id) AS export_id,
         :now + COALESCE(f.offset_secs, 0) - d.created_at AS age_secs
  FROM zfs_dataset AS d
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  LEFT JOIN clock_offset AS f ON f.appliance = d.appliance
  WHERE d.marker_family = 'democratic-csi' AND d.csi_volume_name IS NOT NULL AND d.csi_snapshot_name IS NULL
    AND COALESCE(d.is_provisioned, FALSE) = FALSE AND o.is_managed = TRUE AND s.is_usable = TRUE
    AND COALESCE(d.is_locked, FALSE) = FALSE AND COALESCE(d.is_readonly, FALSE) = FALSE
),
unjoined AS (
  SELECT h.* FROM half AS h ANTI JOIN volume_join AS v ON v.appliance = h.appliance AND v.path = h.path
),
unnamed AS (
  SELECT h.* FROM unjoined AS h ANTI JOIN k8s_pv AS p ON p.name = h.csi_volume_name
),
unhandled AS (
  SELECT h.* FROM unnamed AS h ANTI JOIN k8s_pv AS p ON p.handle_leaf = h.leaf
),
single AS (
  SELECT h.* FROM unhandled AS h
  ANTI JOIN orphan_dataset AS m ON m.appliance = h.appliance AND m.path = h.path
),
named AS (
  SELECT h.appliance AS appliance, h.path AS path, c.uid AS uid, c.is_copy AS is_copy
  FROM single AS h
  JOIN pending AS c ON c.expected_volume = h.csi_volume_name
  UNION ALL
  SELECT h.appliance AS appliance, h.path AS path, c.uid AS uid, c.is_copy AS is_copy
  FROM single AS h
  JOIN pending AS c ON c.uid = h.leaf_uuid
),
claim AS (
  SELECT n.appliance AS appliance, n.path AS path, COUNT(DISTINCT n.uid) AS n_claims,
         MAX(CASE WHEN n.is_copy = TRUE THEN 1 ELSE 0 END) AS n_copies
  FROM named AS n
  GROUP BY n.appliance, n.path
),
judged AS (
  SELECT h.*, COALESCE(c.n_claims, 0) AS n_claims,
         CASE WHEN h.is_copy = TRUE OR c.n_copies > 0 THEN CAST(:copy_secs AS BIGINT)
              ELSE CAST(:grace_secs AS BIGINT) END AS limit_secs
  FROM single AS h
  LEFT JOIN claim AS c ON c.appliance = h.appliance AND c.path = h.path
)
SELECT j.path AS subject, 'zfs_dataset' AS subject_table, j.appliance AS appliance,
       CASE WHEN j.n_claims = 0 OR j.is_resolved = FALSE THEN 'candidate' ELSE 'confirmed' END AS grade,
       z.used_bytes AS bytes, CASE WHEN j.n_claims = 0 THEN 'claim-gone' ELSE 'claim-waits' END AS cause,
       j.missing AS missing, j.export_id AS export_id, j.csi_volume_name AS csi_volume_name, j.n_claims AS n_claims,
       j.age_secs AS age_secs, j.limit_secs AS limit_secs
FROM judged AS j
LEFT JOIN zfs_dataset_space AS z ON z.appliance = j.appliance AND z.path = j.path
WHERE j.age_secs > j.limit_secs
