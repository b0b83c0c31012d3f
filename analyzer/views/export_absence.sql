-- How long each export that nothing names has been without a PV: the bundles of every cluster with a complete list of PVs
-- since a PV of its dataset, path or IQN was last seen, or since the dataset was first seen. The cluster that looked least
-- often decides. Of a path that is gone only the PV tells since when.
WITH seen AS (
  SELECT u.appliance AS appliance, u.subject_table AS subject_table, u.id AS id, h.last_seen_at AS last_seen_at
  FROM unclaimed_export AS u
  JOIN history_pv AS h ON h.handle_leaf = u.leaf
  UNION ALL
  SELECT u.appliance AS appliance, u.subject_table AS subject_table, u.id AS id, h.last_seen_at AS last_seen_at
  FROM unclaimed_export AS u
  JOIN history_pv AS h ON h.name = u.csi_volume_name
  UNION ALL
  SELECT v.appliance AS appliance, v.subject_table AS subject_table, v.id AS id, h.last_seen_at AS last_seen_at
  FROM vanished_share AS v
  JOIN history_pv AS h ON h.handle_leaf = v.leaf
  UNION ALL
  SELECT s.appliance AS appliance, 'nas_nfs_share' AS subject_table, s.id AS id, h.last_seen_at AS last_seen_at
  FROM nas_nfs_share AS s
  JOIN history_pv AS h ON h.share_path = s.path
  UNION ALL
  SELECT t.appliance AS appliance, 'nas_iscsi_target' AS subject_table, t.id AS id, h.last_seen_at AS last_seen_at
  FROM nas_iscsi_target AS t
  JOIN history_pv AS h ON h.iqn_suffix = t.iqn_suffix
),
last_seen AS (
  SELECT s.appliance AS appliance, s.subject_table AS subject_table, s.id AS id, MAX(s.last_seen_at) AS last_seen_at
  FROM seen AS s
  GROUP BY s.appliance, s.subject_table, s.id
),
first_seen AS (
  SELECT h.appliance AS appliance, h.path AS path, MIN(h.first_seen_at) AS first_seen_at
  FROM history_dataset AS h
  GROUP BY h.appliance, h.path
),
export AS (
  SELECT u.appliance AS appliance, u.subject_table AS subject_table, u.id AS id, f.first_seen_at AS first_seen_at
  FROM unclaimed_export AS u
  LEFT JOIN first_seen AS f ON f.appliance = u.appliance AND f.path = u.path
  UNION ALL
  SELECT v.appliance AS appliance, v.subject_table AS subject_table, v.id AS id, CAST(NULL AS BIGINT) AS first_seen_at
  FROM vanished_share AS v
),
youngest AS (
  SELECT e.appliance AS appliance, e.subject_table AS subject_table, e.id AS id, MAX(e.first_seen_at) AS first_seen_at
  FROM export AS e
  GROUP BY e.appliance, e.subject_table, e.id
),
absent AS (
  SELECT y.appliance AS appliance, y.subject_table AS subject_table, y.id AS id,
         CASE WHEN l.last_seen_at IS NULL THEN COALESCE(y.first_seen_at, 9999999999)
              WHEN COALESCE(y.first_seen_at, 0) > l.last_seen_at THEN y.first_seen_at
              ELSE l.last_seen_at + 1 END AS absent_from
  FROM youngest AS y
  LEFT JOIN last_seen AS l ON l.appliance = y.appliance AND l.subject_table = y.subject_table AND l.id = y.id
),
cluster_bundle AS (
  SELECT b.cluster AS cluster, b.started_at AS started_at, b.ended_at AS ended_at
  FROM bundle_list AS b
  SEMI JOIN k8s_cluster AS k ON k.cluster = b.cluster
  WHERE b.table_name = 'k8s_pv'
),
observed AS (
  SELECT a.appliance AS appliance, a.subject_table AS subject_table, a.id AS id, b.cluster AS cluster,
         COUNT(*) AS n_bundles, MIN(b.started_at) AS started_at
  FROM absent AS a
  JOIN cluster_bundle AS b ON b.ended_at >= a.absent_from
  GROUP BY a.appliance, a.subject_table, a.id, b.cluster
),
agreed AS (
  SELECT o.appliance AS appliance, o.subject_table AS subject_table, o.id AS id, COUNT(*) AS n_clusters,
         MIN(o.n_bundles) AS n_bundles, MAX(o.started_at) AS started_at
  FROM observed AS o
  GROUP BY o.appliance, o.subject_table, o.id
),
collected AS (
  SELECT COUNT(*) AS n_clusters FROM k8s_cluster AS k
)
SELECT g.appliance AS appliance, g.subject_table AS subject_table, g.id AS id, g.n_bundles AS n_bundles,
       g.started_at AS started_at
FROM agreed AS g
CROSS JOIN collected AS t
WHERE g.n_clusters = t.n_clusters
