WITH home AS (
  SELECT o.appliance AS appliance, o.parent AS parent, o.cluster AS cluster, o.driver AS driver, o.instance AS instance,
         COUNT(*) AS n_volumes
  FROM own_volume AS o
  GROUP BY o.appliance, o.parent, o.cluster, o.driver, o.instance
),
below AS (
  SELECT x.appliance AS appliance, x.ancestor AS parent, x.is_above AS is_nested, h.cluster AS cluster,
         h.driver AS driver, h.instance AS instance, h.n_volumes AS n_volumes
  FROM home AS h
  JOIN parent_path AS x ON x.appliance = h.appliance AND x.parent = h.parent
  SEMI JOIN home AS u ON u.appliance = x.appliance AND u.parent = x.ancestor
),
member AS (
  SELECT b.appliance AS appliance, b.parent AS parent, b.cluster AS cluster, b.driver AS driver,
         SUM(b.n_volumes) AS n_volumes, MAX(CASE WHEN b.is_nested = TRUE THEN 1 ELSE 0 END) AS n_nested,
         MAX(CASE WHEN b.instance IS NULL THEN 1 ELSE 0 END) AS n_unnamed
  FROM below AS b
  GROUP BY b.appliance, b.parent, b.cluster, b.driver
),
shared AS (
  SELECT m.appliance AS appliance, m.parent AS parent, COUNT(*) AS n_drivers,
         COUNT(DISTINCT m.cluster) AS n_clusters, SUM(m.n_volumes) AS n_volumes, MAX(m.n_nested) AS n_nested,
         SUM(m.n_unnamed) AS n_unnamed
  FROM member AS m
  GROUP BY m.appliance, m.parent
  HAVING COUNT(*) > 1
),
mark AS (
  SELECT b.appliance AS appliance, b.parent AS parent, b.cluster AS cluster, b.driver AS driver, b.instance AS instance
  FROM below AS b
  WHERE b.instance IS NOT NULL
  GROUP BY b.appliance, b.parent, b.cluster, b.driver, b.instance
),
marks AS (
  SELECT k.appliance AS appliance, k.parent AS parent, COUNT(*) AS n_marks, COUNT(DISTINCT k.instance) AS n_instances
  FROM mark AS k
  GROUP BY k.appliance, k.parent
)
SELECT s.parent AS subject, 'zfs_dataset' AS subject_table, s.appliance AS appliance,
       CASE WHEN s.n_unnamed > 0 OR COALESCE(k.n_marks, 0) > COALESCE(k.n_instances, 0) THEN 'high'
            ELSE 'medium' END AS severity,
       CASE WHEN s.n_nested = 1 THEN 'nested' ELSE 'equal' END AS overlap, s.n_drivers AS n_drivers,
       s.n_clusters AS n_clusters, s.n_volumes AS n_volumes, s.n_unnamed AS n_drivers_without_instance,
       COALESCE(k.n_instances, 0) AS n_instances
FROM shared AS s
LEFT JOIN marks AS k ON k.appliance = s.appliance AND k.parent = s.parent
