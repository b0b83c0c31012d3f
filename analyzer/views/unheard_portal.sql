-- Portals that bound PVs name and on which their target cannot be reached. A target that listens on a wildcard, and a
-- single portal with a live session behind it, are reached all the same.
WITH named AS (
  SELECT v.appliance AS appliance, v.target_id AS target_id, v.cluster AS cluster, v.name AS name, t.host AS host,
         t.port AS port
  FROM pv_target AS v
  JOIN k8s_pv_portal AS t ON t.cluster = v.cluster AND t.pv = v.name
  JOIN k8s_pv AS p ON p.cluster = v.cluster AND p.name = v.name
  WHERE p.phase = 'Bound'
),
listening AS (
  SELECT l.appliance AS appliance, l.target_id AS target_id, COUNT(*) AS n_addresses,
         SUM(CASE WHEN l.is_wildcard = TRUE THEN 1 ELSE 0 END) AS n_wildcards
  FROM target_listen AS l
  GROUP BY l.appliance, l.target_id
),
on_host AS (
  SELECT n.appliance AS appliance, n.target_id AS target_id, n.host AS host, n.port AS port,
         CASE WHEN l.port = n.port THEN 1 ELSE 0 END AS n_open
  FROM named AS n
  JOIN target_listen AS l ON l.appliance = n.appliance AND l.target_id = n.target_id AND l.host = n.host
),
ended AS (
  SELECT h.appliance AS appliance, h.target_id AS target_id, h.host AS host, h.port AS port, MAX(h.n_open) AS n_open
  FROM on_host AS h
  GROUP BY h.appliance, h.target_id, h.host, h.port
),
paths AS (
  SELECT n.cluster AS cluster, n.name AS name, COUNT(*) AS n_portals FROM named AS n GROUP BY n.cluster, n.name
),
login AS (
  SELECT t.appliance AS appliance, t.id AS target_id, s.n_sessions AS n_sessions
  FROM nas_iscsi_session AS s
  JOIN nas_iscsi_target AS t
    ON t.appliance = s.appliance AND t.iqn_base = s.iqn_base AND t.iqn_suffix = s.iqn_suffix
),
session AS (
  SELECT s.appliance AS appliance, s.target_id AS target_id, SUM(s.n_sessions) AS n_sessions
  FROM login AS s
  GROUP BY s.appliance, s.target_id
)
SELECT n.cluster AS cluster, n.name AS name, n.appliance AS appliance, n.host AS host, n.port AS port,
       CASE WHEN e.n_open IS NULL THEN 'address' ELSE 'port' END AS cause
FROM named AS n
JOIN listening AS l ON l.appliance = n.appliance AND l.target_id = n.target_id
LEFT JOIN ended AS e ON e.appliance = n.appliance AND e.target_id = n.target_id AND e.host = n.host AND e.port = n.port
LEFT JOIN paths AS q ON q.cluster = n.cluster AND q.name = n.name
LEFT JOIN session AS s ON s.appliance = n.appliance AND s.target_id = n.target_id
WHERE COALESCE(e.n_open, 0) = 0 AND l.n_wildcards = 0 AND (q.n_portals > 1 OR COALESCE(s.n_sessions, 0) = 0)
