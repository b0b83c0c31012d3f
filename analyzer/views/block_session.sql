-- Live iSCSI and NVMe-oF sessions, with the zvol behind the target or subsystem, and since when each has been in every
-- complete list.
WITH known AS (
  SELECT h.appliance AS appliance, h.iqn_base AS iqn_base, h.iqn_suffix AS iqn_suffix, h.initiator_base AS initiator_base,
         COALESCE(h.initiator_suffix, '') AS initiator_suffix, COALESCE(h.host, '') AS host,
         MIN(h.seen_since_at) AS seen_since_at
  FROM history_session AS h
  GROUP BY h.appliance, h.iqn_base, h.iqn_suffix, h.initiator_base, h.initiator_suffix, h.host
),
login AS (
  SELECT s.*, COALESCE(s.initiator_suffix, '') AS suffix_key, COALESCE(s.host, '') AS host_key
  FROM nas_iscsi_session AS s
)
SELECT s.appliance AS appliance, 'nas_iscsi_session' AS subject_table, i.disk_path AS path, i.disk_parent AS parent,
       s.host AS host, s.initiator_base AS initiator_base, s.initiator_suffix AS initiator_suffix,
       CAST(NULL AS STRING) AS host_nqn, s.n_sessions AS n_sessions, k.seen_since_at AS seen_since_at
FROM login AS s
JOIN iscsi_chain AS i ON i.appliance = s.appliance AND i.iqn_base = s.iqn_base AND i.iqn_suffix = s.iqn_suffix
LEFT JOIN known AS k
  ON k.appliance = s.appliance AND k.iqn_base = s.iqn_base AND k.iqn_suffix = s.iqn_suffix
 AND k.initiator_base = s.initiator_base AND k.initiator_suffix = s.suffix_key AND k.host = s.host_key
WHERE i.disk_path IS NOT NULL
UNION ALL
SELECT s.appliance AS appliance, 'nas_nvmet_session' AS subject_table, n.device_path AS path, n.device_parent AS parent,
       s.host AS host, CAST(NULL AS STRING) AS initiator_base, CAST(NULL AS STRING) AS initiator_suffix,
       s.host_nqn AS host_nqn, s.n_sessions AS n_sessions, CAST(NULL AS BIGINT) AS seen_since_at
FROM nas_nvmet_session AS s
JOIN nas_nvmet_namespace AS n ON n.appliance = s.appliance AND n.subsys_id = s.subsys_id
WHERE n.device_path IS NOT NULL
