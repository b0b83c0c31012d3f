SELECT s.path AS subject, 'nas_nfs_share' AS subject_table, s.appliance AS appliance,
       CAST(s.id AS STRING) AS evidence_class,
       CASE WHEN s.mapall = 'root' OR s.maproot = 'root' THEN 'confirmed' ELSE 'candidate' END AS grade,
       CASE WHEN s.mapall = 'root' OR s.maproot = 'root' THEN 'medium' ELSE 'low' END AS severity, s.id AS share_id,
       s.maproot AS maproot, s.mapall AS mapall, s.is_parent AS is_parent, s.n_volumes AS n_volumes
FROM csi_share AS s
WHERE s.is_open = TRUE AND s.is_readonly = FALSE AND :is_network_isolated = FALSE
  AND (s.mapall = 'root' OR s.mapall = 'none' AND s.maproot IN ('root', 'none'))
