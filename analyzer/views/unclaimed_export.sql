-- Exports to which nothing in a cluster leads: neither to the export, nor to the dataset behind it, nor to a claim of that
-- name. The dataset is older than the collection, unlocked, no replica, and in a pool that is online.
WITH free AS (
  SELECT e.* FROM csi_export AS e
  ANTI JOIN claimed_export AS c ON c.appliance = e.appliance AND c.subject_table = e.subject_table AND c.id = e.id
),
unjoined AS (
  SELECT f.* FROM free AS f ANTI JOIN volume_join AS v ON v.appliance = f.appliance AND v.path = f.path
),
placed AS (
  SELECT u.appliance AS appliance, u.subject_table AS subject_table, u.id AS id, u.subject AS subject, u.path AS path,
         u.is_marked AS is_marked, u.n_sessions AS n_sessions, d.parent AS parent, d.grandparent AS grandparent,
         d.leaf AS leaf, d.leaf_uuid AS leaf_uuid, d.csi_volume_name AS csi_volume_name
  FROM unjoined AS u
  JOIN zfs_dataset AS d ON d.appliance = u.appliance AND d.path = u.path
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE s.is_usable = TRUE AND COALESCE(d.is_locked, FALSE) = FALSE AND COALESCE(d.is_readonly, FALSE) = FALSE
    AND d.csi_snapshot_name IS NULL
),
unhandled AS (
  SELECT q.* FROM placed AS q ANTI JOIN k8s_pv AS p ON p.handle_leaf = q.leaf
)
SELECT q.* FROM unhandled AS q ANTI JOIN k8s_pvc AS c ON c.uid = q.leaf_uuid
