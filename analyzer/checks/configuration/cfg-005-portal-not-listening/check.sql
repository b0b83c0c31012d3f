WITH own AS (
  SELECT a.appliance AS appliance, a.host AS host, COUNT(*) AS n_portals
  FROM nas_iscsi_portal_address AS a
  GROUP BY a.appliance, a.host
),
judged AS (
  SELECT m.appliance AS appliance, m.host AS host, m.port AS port, m.cause AS cause,
         CASE WHEN o.n_portals IS NOT NULL THEN 0 WHEN a.origin IS NOT NULL THEN 1 ELSE 2 END AS n_doubts
  FROM unheard_portal AS m
  LEFT JOIN own AS o ON o.appliance = m.appliance AND o.host = m.host
  LEFT JOIN nas_address AS a ON a.appliance = m.appliance AND a.host = m.host
),
counted AS (
  SELECT m.appliance AS appliance, m.host AS host, m.port AS port, m.cause AS cause, MIN(m.n_doubts) AS n_doubts,
         COUNT(*) AS n_volumes
  FROM judged AS m
  GROUP BY m.appliance, m.host, m.port, m.cause
)
SELECT c.host AS subject, 'k8s_pv_portal' AS subject_table, c.appliance AS appliance,
       CASE WHEN c.n_doubts = 0 THEN 'confirmed' WHEN c.n_doubts = 1 THEN 'probable' ELSE 'candidate' END AS grade,
       c.cause || ' ' || CAST(c.port AS STRING) AS evidence_class, c.cause AS cause, c.port AS port,
       c.n_volumes AS n_volumes
FROM counted AS c
UNION ALL
SELECT a.uuid AS subject, 'nas_alert' AS subject_table, a.appliance AS appliance, 'confirmed' AS grade,
       'alert' AS evidence_class, 'not-on-the-appliance' AS cause, CAST(NULL AS BIGINT) AS port, 0 AS n_volumes
FROM nas_alert AS a
WHERE a.class = 'ISCSIPortalIP' AND a.is_dismissed = FALSE
