-- Datasets of volumes that are attached or used on a collected cluster: their sessions are inside the fleet.
WITH pair AS (
  SELECT v.appliance AS appliance, v.path AS path, u.cluster AS cluster, u.node AS node
  FROM volume_join AS v
  JOIN pv_use AS u ON u.cluster = v.cluster AND u.name = v.name
)
SELECT p.appliance AS appliance, p.path AS path, p.cluster AS cluster, p.node AS node
FROM pair AS p
GROUP BY p.appliance, p.path, p.cluster, p.node
