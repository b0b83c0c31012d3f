WITH known AS (
  SELECT a.appliance AS appliance, COUNT(DISTINCT a.host) AS n_known FROM nas_address AS a GROUP BY a.appliance
),
lone AS (
  SELECT r.appliance AS appliance, g.portal_id AS portal_id, g.target_id AS target_id
  FROM target_reach AS r
  JOIN nas_iscsi_target_group AS g ON g.appliance = r.appliance AND g.target_id = r.target_id
  JOIN known AS k ON k.appliance = r.appliance
  WHERE r.n_addresses < :min_paths AND k.n_known >= :min_paths AND g.portal_id IS NOT NULL
),
login AS (
  SELECT s.appliance AS appliance, t.id AS target_id, s.initiator_base AS initiator_base,
         COALESCE(s.initiator_suffix, s.initiator_base) AS initiator, s.n_sessions AS n_sessions
  FROM nas_iscsi_session AS s
  JOIN nas_iscsi_target AS t
    ON t.appliance = s.appliance AND t.iqn_base = s.iqn_base AND t.iqn_suffix = s.iqn_suffix
),
path_count AS (
  SELECT l.appliance AS appliance, l.target_id AS target_id, l.initiator_base AS initiator_base,
         l.initiator AS initiator, SUM(l.n_sessions) AS n_sessions
  FROM login AS l
  GROUP BY l.appliance, l.target_id, l.initiator_base, l.initiator
),
lame AS (
  SELECT p.appliance AS appliance, p.initiator_base AS initiator_base, p.initiator AS initiator,
         COUNT(*) AS n_targets
  FROM path_count AS p
  JOIN target_reach AS r ON r.appliance = p.appliance AND r.target_id = p.target_id
  JOIN nas_iscsi_global AS g ON g.appliance = p.appliance
  WHERE r.n_addresses >= :min_paths AND p.n_sessions < :min_paths AND COALESCE(g.is_alua, FALSE) = FALSE
  GROUP BY p.appliance, p.initiator_base, p.initiator
),
portal AS (
  SELECT l.appliance AS appliance, CAST(l.portal_id AS STRING) AS portal, l.target_id AS target_id FROM lone AS l
)
SELECT p.portal AS subject, 'nas_iscsi_portal' AS subject_table, p.appliance AS appliance,
       CAST(NULL AS STRING) AS evidence_class, 'probable' AS grade, 'one-address' AS cause, COUNT(DISTINCT p.target_id) AS n_targets
FROM portal AS p
GROUP BY p.appliance, p.portal
UNION ALL
SELECT m.initiator AS subject, 'nas_iscsi_session' AS subject_table, m.appliance AS appliance,
       m.initiator_base AS evidence_class, 'probable' AS grade, 'one-session' AS cause, m.n_targets AS n_targets
FROM lame AS m
