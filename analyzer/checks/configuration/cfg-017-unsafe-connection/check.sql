WITH known AS (
  SELECT a.host AS host, COUNT(*) AS n_appliances FROM nas_address AS a GROUP BY a.host
)
SELECT t.uid AS subject, 'k8s_truenas_csi' AS subject_table, t.cluster AS cluster,
       CASE WHEN k.n_appliances IS NULL THEN 'probable' ELSE 'confirmed' END AS grade,
       CASE WHEN t.is_encrypted = FALSE THEN 'high' ELSE 'medium' END AS severity,
       CASE WHEN t.is_encrypted = FALSE THEN 'clear-text' ELSE 'unverified' END AS cause,
       t.is_encrypted AS is_encrypted, t.is_unverified AS is_unverified, t.namespace AS namespace
FROM k8s_truenas_csi AS t
LEFT JOIN known AS k ON k.host = t.server_host
WHERE (t.is_encrypted = FALSE OR t.is_unverified = TRUE) AND t.deleting_at IS NULL
  AND COALESCE(t.management_state, 'Managed') <> 'Removed' AND :is_tunneled = FALSE
