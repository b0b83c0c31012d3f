WITH empty_target AS (
  SELECT t.* FROM driver_target AS t
  ANTI JOIN nas_iscsi_target_extent AS l ON l.appliance = t.appliance AND l.target_id = t.id
),
unused AS (
  SELECT e.* FROM empty_target AS e ANTI JOIN k8s_pv AS p ON p.iqn_suffix = e.iqn_suffix
),
unexpected AS (
  SELECT u.* FROM unused AS u ANTI JOIN k8s_pv AS p ON p.expected_target = u.name
),
unclaimed AS (
  SELECT u.* FROM unexpected AS u ANTI JOIN k8s_pvc AS c ON c.uid = u.name_uuid
),
counted AS (
  SELECT n.appliance AS appliance, n.id AS id, n.name AS name, n.n_bundles AS n_bundles FROM unlinked AS n
  WHERE n.kind = 'target'
),
session AS (
  SELECT s.appliance AS appliance, s.iqn_base AS iqn_base, s.iqn_suffix AS iqn_suffix, SUM(s.n_sessions) AS n_sessions
  FROM nas_iscsi_session AS s
  GROUP BY s.appliance, s.iqn_base, s.iqn_suffix
)
SELECT u.name AS subject, 'nas_iscsi_target' AS subject_table, u.appliance AS appliance,
       CASE WHEN COALESCE(n.n_bundles, 0) < :min_bundles THEN 'candidate'
            WHEN u.mark = 'former-volume' OR n.n_bundles >= :confirm_bundles THEN 'confirmed'
            ELSE 'probable' END AS grade,
       u.id AS target_id, u.mark AS mark, COALESCE(n.n_bundles, 0) AS n_bundles, COALESCE(s.n_sessions, 0) AS n_sessions
FROM unclaimed AS u
LEFT JOIN counted AS n ON n.appliance = u.appliance AND n.id = u.id AND n.name = u.name
LEFT JOIN session AS s ON s.appliance = u.appliance AND s.iqn_base = u.iqn_base AND s.iqn_suffix = u.iqn_suffix
