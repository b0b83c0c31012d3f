-- Drivers and the appliances of their volumes, where every parent is in a pool that is online, and unlocked: only there is
-- an absence a fact.
WITH parent_state AS (
  SELECT i.cluster AS cluster, i.driver AS driver, i.appliance AS appliance,
         CASE WHEN s.is_usable = TRUE AND COALESCE(d.is_locked, FALSE) = FALSE THEN 1 ELSE 0 END AS n_usable
  FROM inferred_parent AS i
  LEFT JOIN zfs_dataset AS d ON d.appliance = i.appliance AND d.path = i.parent
  LEFT JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
)
SELECT p.cluster AS cluster, p.driver AS driver, p.appliance AS appliance
FROM parent_state AS p
GROUP BY p.cluster, p.driver, p.appliance
HAVING MIN(p.n_usable) = 1
