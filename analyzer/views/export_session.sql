-- Live sessions of each iSCSI target and NVMe-oF subsystem.
WITH session AS (
  SELECT t.appliance AS appliance, 'nas_iscsi_target' AS subject_table, t.id AS id, s.n_sessions AS n_live
  FROM nas_iscsi_session AS s
  JOIN nas_iscsi_target AS t ON t.appliance = s.appliance AND t.iqn_base = s.iqn_base AND t.iqn_suffix = s.iqn_suffix
  UNION ALL
  SELECT n.appliance AS appliance, 'nas_nvmet_subsys' AS subject_table, n.subsys_id AS id, n.n_sessions AS n_live
  FROM nas_nvmet_session AS n
)
SELECT s.appliance AS appliance, s.subject_table AS subject_table, s.id AS id, SUM(s.n_live) AS n_sessions
FROM session AS s
GROUP BY s.appliance, s.subject_table, s.id
