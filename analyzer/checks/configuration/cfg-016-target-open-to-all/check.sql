WITH used AS (
  SELECT v.appliance AS appliance, v.target_id AS target_id, COUNT(*) AS n_volumes
  FROM pv_target AS v
  GROUP BY v.appliance, v.target_id
),
open_way AS (
  SELECT g.appliance AS appliance, g.target_id AS target_id, COUNT(*) AS n_open_groups
  FROM nas_iscsi_target_group AS g
  LEFT JOIN nas_iscsi_initiator AS i ON i.appliance = g.appliance AND i.id = g.initiator_id
  WHERE g.auth = 'NONE' AND (g.initiator_id IS NULL OR i.is_open = TRUE)
  GROUP BY g.appliance, g.target_id
)
SELECT t.name AS subject, 'nas_iscsi_target' AS subject_table, t.appliance AS appliance,
       CASE WHEN t.is_network_limited IS NULL THEN 'probable' ELSE 'confirmed' END AS grade, t.id AS target_id,
       t.n_groups AS n_groups, w.n_open_groups AS n_open_groups, u.n_volumes AS n_volumes
FROM nas_iscsi_target AS t
JOIN used AS u ON u.appliance = t.appliance AND u.target_id = t.id
JOIN open_way AS w ON w.appliance = t.appliance AND w.target_id = t.id
WHERE COALESCE(t.is_network_limited, FALSE) = FALSE AND :is_network_isolated = FALSE
