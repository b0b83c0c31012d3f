-- PVs and the iSCSI targets that they name. A PV that names a collected appliance uses no target of another one.
WITH pair AS (
  SELECT p.cluster AS cluster, p.name AS name, t.appliance AS appliance, t.id AS target_id
  FROM k8s_pv AS p
  JOIN nas_iscsi_target AS t ON t.iqn_base = p.iqn_base AND t.iqn_suffix = p.iqn_suffix
),
placed AS (
  SELECT h.cluster AS cluster, h.name AS name, COUNT(*) AS n_appliances FROM pv_host AS h GROUP BY h.cluster, h.name
),
checked AS (
  SELECT q.cluster AS cluster, q.name AS name, q.appliance AS appliance, q.target_id AS target_id,
         n.n_appliances AS n_appliances, h.appliance AS host_appliance
  FROM pair AS q
  LEFT JOIN placed AS n ON n.cluster = q.cluster AND n.name = q.name
  LEFT JOIN pv_host AS h ON h.cluster = q.cluster AND h.name = q.name AND h.appliance = q.appliance
)
SELECT c.cluster AS cluster, c.name AS name, c.appliance AS appliance, c.target_id AS target_id
FROM checked AS c
WHERE c.n_appliances IS NULL OR c.host_appliance IS NOT NULL
GROUP BY c.cluster, c.name, c.appliance, c.target_id
