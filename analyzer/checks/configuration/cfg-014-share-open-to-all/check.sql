SELECT s.path AS subject, 'nas_nfs_share' AS subject_table, s.appliance AS appliance,
       CAST(s.id AS STRING) AS evidence_class,
       CASE WHEN s.is_readonly = TRUE THEN 'medium' ELSE 'high' END AS severity, s.id AS share_id,
       s.is_readonly AS is_readonly, s.is_parent AS is_parent, s.n_volumes AS n_volumes, s.maproot AS maproot,
       s.mapall AS mapall
FROM csi_share AS s
WHERE s.is_open = TRUE AND :is_network_isolated = FALSE
