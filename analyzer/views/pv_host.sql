-- Collected appliances that a PV names by server or portal.
WITH host AS (
  SELECT p.cluster AS cluster, p.name AS name, p.server_host AS host FROM k8s_pv AS p WHERE p.server_host IS NOT NULL
  UNION ALL
  SELECT t.cluster AS cluster, t.pv AS name, t.host AS host FROM k8s_pv_portal AS t
)
SELECT h.cluster AS cluster, h.name AS name, a.appliance AS appliance
FROM host AS h
JOIN nas_address AS a ON a.host = h.host
GROUP BY h.cluster, h.name, a.appliance
