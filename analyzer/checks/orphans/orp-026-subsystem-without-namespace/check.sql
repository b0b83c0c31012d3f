WITH empty AS (
  SELECT y.* FROM nas_nvmet_subsys AS y
  ANTI JOIN nas_nvmet_namespace AS n ON n.appliance = y.appliance AND n.subsys_id = y.id
  WHERE y.name_uuid IS NOT NULL
),
unused AS (
  SELECT e.* FROM empty AS e ANTI JOIN k8s_pv AS p ON p.nqn = e.nqn
),
unattached AS (
  SELECT u.* FROM unused AS u ANTI JOIN k8s_volume_attachment AS t ON t.nqn = u.nqn
),
unexpected AS (
  SELECT u.* FROM unattached AS u ANTI JOIN k8s_pv AS p ON p.claim_uid = u.name_uuid
),
unclaimed AS (
  SELECT u.* FROM unexpected AS u ANTI JOIN k8s_pvc AS c ON c.uid = u.name_uuid
),
served AS (
  SELECT l.appliance AS appliance, l.subsys_id AS subsys_id, COUNT(*) AS n_ports
  FROM nas_nvmet_port_subsys AS l
  GROUP BY l.appliance, l.subsys_id
),
session AS (
  SELECT s.appliance AS appliance, s.subsys_id AS subsys_id, SUM(s.n_sessions) AS n_sessions
  FROM nas_nvmet_session AS s
  GROUP BY s.appliance, s.subsys_id
)
SELECT u.name AS subject, 'nas_nvmet_subsys' AS subject_table, u.appliance AS appliance,
       CASE WHEN p.n_ports IS NULL AND s.n_sessions IS NULL THEN 'probable' ELSE 'candidate' END AS grade,
       u.id AS subsys_id, COALESCE(p.n_ports, 0) AS n_ports, COALESCE(s.n_sessions, 0) AS n_sessions
FROM unclaimed AS u
LEFT JOIN served AS p ON p.appliance = u.appliance AND p.subsys_id = u.id
LEFT JOIN session AS s ON s.appliance = u.appliance AND s.subsys_id = u.id
