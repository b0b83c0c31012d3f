-- Parents of volumes of drivers that set no property that is read: of their volumes, and those that classes and the
-- vendor's operator name.
WITH driver AS (
  SELECT p.cluster AS cluster, p.driver AS driver, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.family IN ('truenas-csi', 'tns-csi') AND p.driver IS NOT NULL
  GROUP BY p.cluster, p.driver
),
parent AS (
  SELECT i.appliance AS appliance, i.parent AS parent
  FROM inferred_parent AS i
  JOIN driver AS v ON v.cluster = i.cluster AND v.driver = i.driver
  UNION ALL
  SELECT c.appliance AS appliance, c.parent AS parent FROM class_parent AS c
)
SELECT p.appliance AS appliance, p.parent AS parent FROM parent AS p GROUP BY p.appliance, p.parent
