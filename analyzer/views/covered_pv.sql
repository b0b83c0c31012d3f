-- PVs of collected appliances: those that name one, and those of a driver whose volumes were found on one. A PV that
-- names another host than its siblings belongs to an appliance that was not collected.
WITH named AS (
  SELECT p.cluster AS cluster, p.name AS name, p.server_host AS host FROM k8s_pv AS p WHERE p.server_host IS NOT NULL
  UNION ALL
  SELECT t.cluster AS cluster, t.pv AS name, t.host AS host FROM k8s_pv_portal AS t
),
has_host AS (
  SELECT n.cluster AS cluster, n.name AS name, COUNT(*) AS n_hosts FROM named AS n GROUP BY n.cluster, n.name
),
placed AS (
  SELECT h.cluster AS cluster, h.name AS name, COUNT(*) AS n_appliances FROM pv_host AS h GROUP BY h.cluster, h.name
),
placed_driver AS (
  SELECT p.cluster AS cluster, p.driver AS driver, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  JOIN placed AS h ON h.cluster = p.cluster AND h.name = p.name
  WHERE p.driver IS NOT NULL
  GROUP BY p.cluster, p.driver
),
by_driver AS (
  SELECT i.cluster AS cluster, i.driver AS driver, i.appliance AS appliance
  FROM inferred_parent AS i
  GROUP BY i.cluster, i.driver, i.appliance
),
guessed AS (
  SELECT p.cluster AS cluster, p.name AS name, i.appliance AS appliance
  FROM k8s_pv AS p
  JOIN by_driver AS i ON i.cluster = p.cluster AND i.driver = p.driver
  LEFT JOIN placed AS h ON h.cluster = p.cluster AND h.name = p.name
  LEFT JOIN has_host AS n ON n.cluster = p.cluster AND n.name = p.name
  LEFT JOIN placed_driver AS s ON s.cluster = p.cluster AND s.driver = p.driver
  WHERE h.n_appliances IS NULL AND (n.n_hosts IS NULL OR s.n_volumes IS NULL)
)
SELECT h.cluster AS cluster, h.name AS name, h.appliance AS appliance, TRUE AS is_by_host FROM pv_host AS h
UNION ALL
SELECT g.cluster AS cluster, g.name AS name, g.appliance AS appliance, FALSE AS is_by_host FROM guessed AS g
