-- Parents of the volumes of a driver, read off volumes that are beyond doubt: the dataset bears the driver's mark (or
-- the handle is its path), its last component is the handle, and only one appliance fits.
WITH sure AS (
  SELECT l.cluster AS cluster, l.name AS name, p.driver AS driver, l.appliance AS appliance, d.parent AS parent
  FROM volume_link AS l
  JOIN k8s_pv AS p ON p.cluster = l.cluster AND p.name = l.name
  JOIN zfs_dataset AS d ON d.appliance = l.appliance AND d.path = l.path
  LEFT JOIN dataset_owner AS o ON o.appliance = l.appliance AND o.path = l.path
  WHERE p.driver IS NOT NULL AND d.parent IS NOT NULL AND d.leaf = p.handle_leaf
    AND p.family IN ('democratic-csi', 'zfs-generic', 'truenas-csi', 'tns-csi')
    AND (l.evidence = 'path'
         OR COALESCE(o.is_managed, FALSE) = TRUE AND (l.evidence <> 'name' OR o.is_resolved = TRUE))
),
place AS (
  SELECT s.cluster AS cluster, s.name AS name, s.driver AS driver, s.appliance AS appliance, s.parent AS parent
  FROM sure AS s
  GROUP BY s.cluster, s.name, s.driver, s.appliance, s.parent
),
spread AS (
  SELECT s.cluster AS cluster, s.name AS name, COUNT(DISTINCT s.appliance) AS n_appliances
  FROM place AS s
  GROUP BY s.cluster, s.name
)
SELECT s.cluster AS cluster, s.driver AS driver, s.appliance AS appliance, s.parent AS parent, COUNT(*) AS n_volumes
FROM place AS s
JOIN spread AS n ON n.cluster = s.cluster AND n.name = s.name
WHERE n.n_appliances = 1
GROUP BY s.cluster, s.driver, s.appliance, s.parent
