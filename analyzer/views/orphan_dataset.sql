-- Datasets of a driver below a known parent to which no PV leads and for which no claim waits. Most drivers mark what they
-- make. truenas-csi and tns-csi set no property that is read: a volume of theirs bears the uid of its claim in its name, and
-- an export that names its path is the mark.
WITH pending AS (
  SELECT c.expected_volume AS expected_volume, c.uid AS uid
  FROM k8s_pvc AS c
  WHERE c.phase = 'Pending'
),
visible AS (
  SELECT d.appliance AS appliance, d.path AS path, d.parent AS parent, d.grandparent AS grandparent, d.leaf AS leaf,
         d.leaf_uuid AS leaf_uuid, d.csi_volume_name AS csi_volume_name, d.mount_path AS mount_path, d.kind AS kind,
         d.instance AS instance, COALESCE(d.is_provisioned, FALSE) AS is_provisioned
  FROM zfs_dataset AS d
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE s.is_usable = TRUE AND d.csi_snapshot_name IS NULL AND COALESCE(d.is_locked, FALSE) = FALSE
    AND COALESCE(d.is_readonly, FALSE) = FALSE
),
bare AS (
  SELECT v.* FROM visible AS v
  ANTI JOIN dataset_owner AS o ON o.appliance = v.appliance AND o.path = v.path
  WHERE v.leaf_uuid IS NOT NULL
),
marked AS (
  SELECT v.*, o.source AS source, o.is_resolved AS is_resolved
  FROM visible AS v
  JOIN dataset_owner AS o ON o.appliance = v.appliance AND o.path = v.path
  JOIN known_parent AS k ON k.appliance = v.appliance AND k.parent = v.parent
  WHERE o.is_managed = TRUE
  UNION ALL
  SELECT v.*, CASE WHEN e.n_exports IS NULL THEN 'name-only' ELSE 'export-mark' END AS source,
         CASE WHEN e.n_exports IS NULL THEN FALSE ELSE TRUE END AS is_resolved
  FROM bare AS v
  JOIN bare_parent AS k ON k.appliance = v.appliance AND k.parent = v.parent
  LEFT JOIN export_mark AS e ON e.appliance = v.appliance AND e.path = v.path
),
unjoined AS (
  SELECT m.* FROM marked AS m ANTI JOIN volume_join AS v ON v.appliance = m.appliance AND v.path = m.path
),
unhandled AS (
  SELECT m.* FROM unjoined AS m ANTI JOIN k8s_pv AS p ON p.handle_leaf = m.leaf
),
unnamed AS (
  SELECT m.* FROM unhandled AS m ANTI JOIN k8s_pv AS p ON p.name = m.csi_volume_name
),
unexpected AS (
  SELECT m.* FROM unnamed AS m ANTI JOIN pending AS c ON c.expected_volume = m.leaf
)
SELECT m.* FROM unexpected AS m ANTI JOIN pending AS c ON c.uid = m.leaf_uuid
