-- Snapshots that a CSI driver made, attached and detached, and that no content or pending VolumeSnapshot names. The vendor's
-- driver sets no mark: on a dataset whose path is the handle of one of its PVs, the name that the sidecar gives is enough.
WITH parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent FROM known_parent AS k GROUP BY k.appliance, k.parent
),
vendor AS (
  SELECT p.handle_path AS path, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.family = 'truenas-csi' AND p.handle_path IS NOT NULL
  GROUP BY p.handle_path
),
attached AS (
  SELECT s.dataset || '@' || s.name AS subject, 'zfs_snapshot' AS subject_table, s.appliance AS appliance,
         s.name AS name, s.uuid AS uuid, s.dataset_leaf AS source_leaf, s.dataset_parent AS parent,
         d.grandparent AS grandparent, s.origin AS origin, s.created_at AS created_at, s.used_bytes AS bytes,
         CASE WHEN s.origin = 'democratic-csi' AND s.owner_source <> 'replica-suspect' THEN TRUE
              WHEN s.origin = 'sidecar' AND s.owner_source = 'none' AND v.n_volumes > 0 THEN TRUE
              ELSE FALSE END AS is_resolved,
         s.n_holds AS n_holds, s.n_clones AS n_clones
  FROM snapshot_origin AS s
  JOIN parent AS k ON k.appliance = s.appliance AND k.parent = s.dataset_parent
  JOIN zfs_dataset AS d ON d.appliance = s.appliance AND d.path = s.dataset
  LEFT JOIN vendor AS v ON v.path = s.dataset
  WHERE s.origin IN ('democratic-csi', 'sidecar') AND s.is_replica = FALSE
    AND (s.is_defer_destroy = FALSE OR s.is_defer_destroy IS NULL AND s.n_clones = 0 AND COALESCE(s.n_holds, 1) = 0)
),
detached AS (
  SELECT d.path AS subject, 'zfs_dataset' AS subject_table, d.appliance AS appliance, d.leaf AS name,
         d.leaf_uuid AS uuid, d.parent_leaf AS source_leaf, d.grandparent AS parent, d.grandparent AS grandparent,
         'detached' AS origin, d.created_at AS created_at, z.used_bytes AS bytes,
         CASE WHEN k.parent IS NOT NULL AND d.managed_source IN ('local', 'unknown') THEN TRUE
              ELSE FALSE END AS is_resolved,
         0 AS n_holds, COALESCE(c.n_clones, 0) AS n_clones
  FROM zfs_dataset AS d
  LEFT JOIN snapshot_parent AS k ON k.appliance = d.appliance AND k.parent = d.grandparent
  LEFT JOIN zfs_dataset_space AS z ON z.appliance = d.appliance AND z.path = d.path
  LEFT JOIN cloned_dataset AS c ON c.appliance = d.appliance AND c.path = d.path
  WHERE d.csi_snapshot_name = d.leaf AND d.is_managed = TRUE AND COALESCE(d.is_readonly, FALSE) = FALSE
    AND COALESCE(d.managed_source, 'unknown') IN ('local', 'unknown')
),
made AS (
  SELECT a.* FROM attached AS a
  UNION ALL
  SELECT d.* FROM detached AS d
),
unnamed AS (
  SELECT m.* FROM made AS m ANTI JOIN k8s_volume_snapshot_content AS c ON c.snapshot = m.name
),
undetached AS (
  SELECT m.* FROM unnamed AS m ANTI JOIN k8s_volume_snapshot_content AS c ON c.detached_leaf = m.name
),
unreferred AS (
  SELECT m.* FROM undetached AS m ANTI JOIN k8s_volume_snapshot_content AS c ON c.snapshot_uid = m.uuid
),
unawaited AS (
  SELECT m.* FROM unreferred AS m ANTI JOIN k8s_volume_snapshot AS v ON v.uid = m.uuid
),
vague AS (
  SELECT c.source_handle_leaf AS source_leaf, COUNT(*) AS n_contents
  FROM k8s_volume_snapshot_content AS c
  WHERE c.snapshot IS NULL AND c.detached_leaf IS NULL AND c.source_handle_leaf IS NOT NULL
  GROUP BY c.source_handle_leaf
)
SELECT m.* FROM unawaited AS m ANTI JOIN vague AS g ON g.source_leaf = m.source_leaf
