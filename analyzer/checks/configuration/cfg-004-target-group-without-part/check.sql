WITH used AS (
  SELECT v.appliance AS appliance, v.target_id AS target_id, COUNT(*) AS n_volumes
  FROM pv_target AS v
  GROUP BY v.appliance, v.target_id
),
seen AS (
  SELECT p.appliance AS appliance, 'portal' AS part, COUNT(*) AS n_rows FROM nas_iscsi_portal AS p GROUP BY p.appliance
  UNION ALL
  SELECT i.appliance AS appliance, 'initiator-group' AS part, COUNT(*) AS n_rows
  FROM nas_iscsi_initiator AS i
  GROUP BY i.appliance
),
gap AS (
  SELECT g.appliance AS appliance, g.target_id AS target_id, 'portal' AS part, g.portal_id AS part_id
  FROM nas_iscsi_target_group AS g
  LEFT JOIN nas_iscsi_portal AS p ON p.appliance = g.appliance AND p.id = g.portal_id
  WHERE g.portal_id IS NOT NULL AND p.id IS NULL
  UNION ALL
  SELECT g.appliance AS appliance, g.target_id AS target_id, 'initiator-group' AS part, g.initiator_id AS part_id
  FROM nas_iscsi_target_group AS g
  LEFT JOIN nas_iscsi_initiator AS i ON i.appliance = g.appliance AND i.id = g.initiator_id
  WHERE g.initiator_id IS NOT NULL AND i.id IS NULL
),
told AS (
  SELECT g.appliance AS appliance, g.target_id AS target_id, g.part AS part, g.part_id AS part_id
  FROM gap AS g
  JOIN seen AS s ON s.appliance = g.appliance AND s.part = g.part
  UNION ALL
  SELECT g.appliance AS appliance, g.target_id AS target_id, 'authorized-access' AS part, 0 AS part_id
  FROM nas_iscsi_target_group AS g
  WHERE g.auth IN ('CHAP', 'CHAP_MUTUAL') AND g.auth_tag_id IS NULL
),
counted AS (
  SELECT g.appliance AS appliance, g.part AS part, g.part_id AS part_id, COUNT(DISTINCT g.target_id) AS n_targets,
         SUM(u.n_volumes) AS n_volumes
  FROM told AS g
  JOIN used AS u ON u.appliance = g.appliance AND u.target_id = g.target_id
  GROUP BY g.appliance, g.part, g.part_id
)
SELECT c.part || ' ' || CAST(c.part_id AS STRING) AS subject, 'nas_iscsi_target_group' AS subject_table,
       c.appliance AS appliance, c.part AS part, c.part_id AS part_id, c.n_targets AS n_targets, c.n_volumes AS n_volumes
FROM counted AS c
