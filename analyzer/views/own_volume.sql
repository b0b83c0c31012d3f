-- Datasets that exactly one PV of all clusters leads to, made by its driver: a volume that was copied into the PVs of a
-- second cluster says nothing about where that cluster's driver puts its own.
WITH pair AS (
  SELECT v.appliance AS appliance, v.path AS path, v.cluster AS cluster, v.name AS name
  FROM volume_join AS v
  WHERE v.is_contradiction = FALSE
),
counted AS (
  SELECT q.appliance AS appliance, q.path AS path, COUNT(*) AS n_volumes FROM pair AS q GROUP BY q.appliance, q.path
)
SELECT q.appliance AS appliance, q.path AS path, d.parent AS parent, q.cluster AS cluster, p.driver AS driver,
       p.instance AS instance
FROM pair AS q
JOIN counted AS n ON n.appliance = q.appliance AND n.path = q.path
JOIN k8s_pv AS p ON p.cluster = q.cluster AND p.name = q.name
JOIN zfs_dataset AS d ON d.appliance = q.appliance AND d.path = q.path
WHERE n.n_volumes = 1 AND p.driver IS NOT NULL AND COALESCE(p.is_static, FALSE) = FALSE
  AND p.family IN ('democratic-csi', 'zfs-generic', 'truenas-csi', 'tns-csi')
