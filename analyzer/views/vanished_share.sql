-- NFS shares whose comment names a driver of a collected cluster, and of which neither the path nor the dataset in the
-- comment exists, where every parent of that driver and the pool of the path can be seen. The parent is known when the driver has one only.
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
)
SELECT u.appliance AS appliance, u.id AS id, u.path AS path, p.parent AS parent
FROM unclaimed AS u
LEFT JOIN sole AS p ON p.driver = u.driver AND p.appliance = u.appliance
