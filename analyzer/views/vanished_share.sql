-- Shares that a driver of a collected cluster left of a path that is gone, where every parent of that driver can be seen. NFS:
-- the comment names the driver, and neither the path nor the dataset in the comment exists; the parent is known when the
-- driver has one only. SMB, where drivers write no comment: an earlier bundle showed the dataset of the path below a parent
-- of the driver, and a PV of its name.
WITH driver AS (
  SELECT v.driver AS driver, v.appliance AS appliance, COUNT(*) AS n_clusters
  FROM visible_driver AS v
  GROUP BY v.driver, v.appliance
),
parent AS (
  SELECT i.driver AS driver, i.appliance AS appliance, i.parent AS parent, COUNT(*) AS n_clusters
  FROM inferred_parent AS i
  GROUP BY i.driver, i.appliance, i.parent
),
spread AS (
  SELECT p.driver AS driver, p.appliance AS appliance, COUNT(*) AS n_parents FROM parent AS p GROUP BY p.driver, p.appliance
),
sole AS (
  SELECT p.driver AS driver, p.appliance AS appliance, p.parent AS parent
  FROM parent AS p
  JOIN spread AS n ON n.driver = p.driver AND n.appliance = p.appliance
  WHERE n.n_parents = 1
),
share AS (
  SELECT s.appliance AS appliance, s.id AS id, s.path AS path, s.comment_path AS comment_path, s.comment_driver AS driver
  FROM nas_nfs_share AS s
  JOIN driver AS v ON v.appliance = s.appliance AND v.driver = s.comment_driver
  WHERE COALESCE(s.is_locked, FALSE) = FALSE AND s.comment_path IS NOT NULL
),
unmounted AS (
  SELECT s.* FROM share AS s ANTI JOIN zfs_dataset AS d ON d.appliance = s.appliance AND d.mount_path = s.path
),
gone AS (
  SELECT s.* FROM unmounted AS s ANTI JOIN zfs_dataset AS d ON d.appliance = s.appliance AND d.path = s.comment_path
),
usable AS (
  SELECT t.appliance AS appliance, t.pool AS pool FROM pool_state AS t WHERE t.is_usable = TRUE
),
hidden AS (
  SELECT h.* FROM history_share AS h ANTI JOIN usable AS u ON u.appliance = h.appliance AND u.pool = h.pool
),
in_sight AS (
  SELECT s.* FROM gone AS s ANTI JOIN hidden AS h ON h.appliance = s.appliance AND h.path = s.path
),
certain AS (
  SELECT s.* FROM in_sight AS s ANTI JOIN blind_dataset AS b ON b.appliance = s.appliance AND b.path = s.comment_path
),
unclaimed AS (
  SELECT s.* FROM certain AS s ANTI JOIN k8s_pv AS p ON p.share_path = s.path
),
seat AS (
  SELECT i.appliance AS appliance, i.parent AS parent, COUNT(*) AS n_clusters
  FROM inferred_parent AS i
  SEMI JOIN driver AS v ON v.appliance = i.appliance AND v.driver = i.driver
  GROUP BY i.appliance, i.parent
),
former AS (
  SELECT h.appliance AS appliance, h.path AS path, h.parent AS parent, h.leaf AS leaf, COUNT(*) AS n_spans
  FROM history_dataset AS h
  JOIN seat AS s ON s.appliance = h.appliance AND s.parent = h.parent
  SEMI JOIN history_pv AS p ON p.handle_leaf = h.leaf
  GROUP BY h.appliance, h.path, h.parent, h.leaf
),
smb_share AS (
  SELECT m.appliance AS appliance, m.id AS id, m.name AS name, m.path AS path, f.parent AS parent, f.leaf AS leaf
  FROM nas_smb_share AS m
  JOIN former AS f ON f.appliance = m.appliance AND f.path = m.path
  WHERE COALESCE(m.is_locked, FALSE) = FALSE
),
smb_unmounted AS (
  SELECT s.* FROM smb_share AS s ANTI JOIN zfs_dataset AS d ON d.appliance = s.appliance AND d.mount_path = s.path
),
smb_gone AS (
  SELECT s.* FROM smb_unmounted AS s ANTI JOIN zfs_dataset AS d ON d.appliance = s.appliance AND d.path = s.path
),
smb_unnamed AS (
  SELECT s.* FROM smb_gone AS s ANTI JOIN k8s_pv AS p ON p.share_name = s.name
),
smb_unclaimed AS (
  SELECT s.* FROM smb_unnamed AS s ANTI JOIN k8s_pv AS p ON p.handle_leaf = s.leaf
)
SELECT u.appliance AS appliance, 'nas_nfs_share' AS subject_table, u.id AS id, u.path AS subject, u.path AS path,
       p.parent AS parent, CAST(NULL AS STRING) AS leaf
FROM unclaimed AS u
LEFT JOIN sole AS p ON p.driver = u.driver AND p.appliance = u.appliance
UNION ALL
SELECT u.appliance AS appliance, 'nas_smb_share' AS subject_table, u.id AS id, u.name AS subject, u.path AS path,
       u.parent AS parent, u.leaf AS leaf
FROM smb_unclaimed AS u
