-- How long each orphan has been without a PV: the bundles of every cluster with a complete list of PVs since its PV was last
-- seen, or since the dataset was first seen. The cluster that looked least often decides.
WITH seen AS (
  SELECT m.appliance AS appliance, m.path AS path, h.last_seen_at AS last_seen_at
  FROM orphan_dataset AS m
  JOIN history_pv AS h ON h.name = m.csi_volume_name
  UNION ALL
  SELECT m.appliance AS appliance, m.path AS path, h.last_seen_at AS last_seen_at
  FROM orphan_dataset AS m
  JOIN history_pv AS h ON h.handle_leaf = m.leaf
  UNION ALL
  SELECT m.appliance AS appliance, m.path AS path, h.last_seen_at AS last_seen_at
  FROM orphan_dataset AS m
  JOIN history_pv AS h ON h.share_path = m.mount_path
),
last_seen AS (
  SELECT s.appliance AS appliance, s.path AS path, MAX(s.last_seen_at) AS last_seen_at
  FROM seen AS s
  GROUP BY s.appliance, s.path
),
first_seen AS (
  SELECT h.appliance AS appliance, h.path AS path, MIN(h.first_seen_at) AS first_seen_at
  FROM history_dataset AS h
  GROUP BY h.appliance, h.path
),
absent AS (
  SELECT m.appliance AS appliance, m.path AS path, l.last_seen_at AS last_seen_at,
         CASE WHEN l.last_seen_at IS NULL THEN COALESCE(f.first_seen_at, 9999999999)
              WHEN COALESCE(f.first_seen_at, 0) > l.last_seen_at THEN f.first_seen_at
              ELSE l.last_seen_at + 1 END AS absent_from
  FROM orphan_dataset AS m
  LEFT JOIN last_seen AS l ON l.appliance = m.appliance AND l.path = m.path
  LEFT JOIN first_seen AS f ON f.appliance = m.appliance AND f.path = m.path
),
cluster_bundle AS (
  SELECT b.cluster AS cluster, b.started_at AS started_at, b.ended_at AS ended_at
  FROM bundle_list AS b
  SEMI JOIN k8s_cluster AS k ON k.cluster = b.cluster
  WHERE b.table_name = 'k8s_pv'
),
observed AS (
  SELECT a.appliance AS appliance, a.path AS path, b.cluster AS cluster, COUNT(*) AS n_bundles,
         MIN(b.started_at) AS started_at
  FROM absent AS a
  JOIN cluster_bundle AS b ON b.ended_at >= a.absent_from
  GROUP BY a.appliance, a.path, b.cluster
),
agreed AS (
  SELECT o.appliance AS appliance, o.path AS path, COUNT(*) AS n_clusters, MIN(o.n_bundles) AS n_bundles,
         MAX(o.started_at) AS started_at
  FROM observed AS o
  GROUP BY o.appliance, o.path
),
collected AS (
  SELECT COUNT(*) AS n_clusters FROM k8s_cluster AS k
)
SELECT a.appliance AS appliance, a.path AS path, a.last_seen_at AS last_seen_at,
       CASE WHEN g.n_clusters = t.n_clusters THEN g.n_bundles ELSE 0 END AS n_bundles,
       CASE WHEN g.n_clusters = t.n_clusters THEN g.started_at ELSE NULL END AS started_at
FROM absent AS a
CROSS JOIN collected AS t
LEFT JOIN agreed AS g ON g.appliance = a.appliance AND g.path = a.path
