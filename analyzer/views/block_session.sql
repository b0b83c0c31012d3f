-- Live iSCSI and NVMe-oF sessions, with the zvol behind the target or subsystem.
SELECT s.appliance AS appliance, 'nas_iscsi_session' AS subject_table, i.disk_path AS path, i.disk_parent AS parent,
       s.host AS host, s.initiator_base AS initiator_base, s.initiator_suffix AS initiator_suffix,
       CAST(NULL AS STRING) AS host_nqn, s.n_sessions AS n_sessions
FROM nas_iscsi_session AS s
JOIN iscsi_chain AS i ON i.appliance = s.appliance AND i.iqn_base = s.iqn_base AND i.iqn_suffix = s.iqn_suffix
WHERE i.disk_path IS NOT NULL
UNION ALL
SELECT s.appliance AS appliance, 'nas_nvmet_session' AS subject_table, n.device_path AS path, n.device_parent AS parent,
       s.host AS host, CAST(NULL AS STRING) AS initiator_base, CAST(NULL AS STRING) AS initiator_suffix,
       s.host_nqn AS host_nqn, s.n_sessions AS n_sessions
FROM nas_nvmet_session AS s
JOIN nas_nvmet_namespace AS n ON n.appliance = s.appliance AND n.subsys_id = s.subsys_id
WHERE n.device_path IS NOT NULL
