-- PVs and the places out of sight that may hold their dataset: of its name, on an appliance that the PV names if it names
-- one, and not seen elsewhere later; or the very place that the PV exports, whatever was seen elsewhere.
WITH pair AS (
  SELECT p.cluster AS cluster, p.name AS name, b.appliance AS appliance, b.path AS path, b.parent AS parent, 0 AS n_named
  FROM k8s_pv AS p
  JOIN blind_leaf AS b ON b.leaf = p.handle_leaf
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS name, b.appliance AS appliance, b.path AS path, b.parent AS parent, 1 AS n_named
  FROM k8s_pv AS p
  JOIN blind_dataset AS b ON b.leaf = p.handle_leaf AND b.path = p.share_path
),
placed AS (
  SELECT h.cluster AS cluster, h.name AS name, COUNT(*) AS n_appliances FROM pv_host AS h GROUP BY h.cluster, h.name
),
checked AS (
  SELECT q.*, n.n_appliances AS n_appliances, h.appliance AS host_appliance
  FROM pair AS q
  LEFT JOIN placed AS n ON n.cluster = q.cluster AND n.name = q.name
  LEFT JOIN pv_host AS h ON h.cluster = q.cluster AND h.name = q.name AND h.appliance = q.appliance
)
SELECT c.cluster AS cluster, c.name AS name, c.appliance AS appliance, c.path AS path, c.parent AS parent,
       MAX(c.n_named) AS n_named
FROM checked AS c
WHERE c.n_appliances IS NULL OR c.host_appliance IS NOT NULL
GROUP BY c.cluster, c.name, c.appliance, c.path, c.parent
