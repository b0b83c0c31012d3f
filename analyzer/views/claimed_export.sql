-- Exports that a PV, an attachment or a claim names, whatever the dataset behind them.
SELECT s.appliance AS appliance, 'nas_nfs_share' AS subject_table, s.id AS id
FROM nas_nfs_share AS s
JOIN k8s_pv AS p ON p.share_path = s.path
UNION ALL
SELECT m.appliance AS appliance, 'nas_smb_share' AS subject_table, m.id AS id
FROM nas_smb_share AS m
JOIN k8s_pv AS p ON p.share_name = m.name
UNION ALL
SELECT t.appliance AS appliance, 'nas_iscsi_target' AS subject_table, t.id AS id
FROM nas_iscsi_target AS t
JOIN k8s_pv AS p ON p.iqn_suffix = t.iqn_suffix
UNION ALL
SELECT t.appliance AS appliance, 'nas_iscsi_target' AS subject_table, t.id AS id
FROM nas_iscsi_target AS t
JOIN k8s_volume_attachment AS v ON v.iqn_suffix = t.iqn_suffix
UNION ALL
SELECT t.appliance AS appliance, 'nas_iscsi_target' AS subject_table, t.id AS id
FROM nas_iscsi_target AS t
JOIN k8s_pvc AS c ON c.uid = t.name_uuid
UNION ALL
SELECT y.appliance AS appliance, 'nas_nvmet_subsys' AS subject_table, y.id AS id
FROM nas_nvmet_subsys AS y
JOIN k8s_pv AS p ON p.nqn = y.nqn
UNION ALL
SELECT y.appliance AS appliance, 'nas_nvmet_subsys' AS subject_table, y.id AS id
FROM nas_nvmet_subsys AS y
JOIN k8s_volume_attachment AS v ON v.nqn = y.nqn
UNION ALL
SELECT y.appliance AS appliance, 'nas_nvmet_subsys' AS subject_table, y.id AS id
FROM nas_nvmet_subsys AS y
JOIN k8s_pvc AS c ON c.uid = y.name_uuid
