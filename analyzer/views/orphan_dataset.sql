-- Owned datasets below a known parent to which no PV leads and for which no claim waits.
WITH pending AS (
  SELECT c.expected_volume AS expected_volume, c.uid AS uid
  FROM k8s_pvc AS c
  WHERE c.phase = 'Pending'
),
marked AS (
  SELECT d.appliance AS appliance, d.path AS path, d.parent AS parent, d.grandparent AS grandparent, d.leaf AS leaf,
         d.leaf_uuid AS leaf_uuid, d.csi_volume_name AS csi_volume_name, d.mount_path AS mount_path,
         d.instance AS instance, COALESCE(d.is_provisioned, FALSE) AS is_provisioned, o.source AS source,
         o.is_resolved AS is_resolved
  FROM zfs_dataset AS d
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  JOIN known_parent AS k ON k.appliance = d.appliance AND k.parent = d.parent
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE o.is_managed = TRUE AND s.is_usable = TRUE AND d.csi_snapshot_name IS NULL
    AND COALESCE(d.is_locked, FALSE) = FALSE AND COALESCE(d.is_readonly, FALSE) = FALSE
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
