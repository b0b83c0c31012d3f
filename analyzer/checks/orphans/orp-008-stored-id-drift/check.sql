WITH drifted AS (
  SELECT s.appliance AS appliance, s.path AS path, s.kind AS kind, s.id AS id, s.has_other AS has_other,
         CASE WHEN s.is_found = TRUE THEN 'of-another' ELSE 'missing' END AS state
  FROM stored_id AS s
  WHERE s.is_own = FALSE
),
volume AS (
  SELECT v.appliance AS appliance, v.path AS path, COUNT(*) AS n_volumes
  FROM volume_join AS v
  GROUP BY v.appliance, v.path
)
SELECT d.path AS subject, 'zfs_dataset' AS subject_table, d.appliance AS appliance, d.kind AS evidence_class,
       CASE WHEN d.state = 'missing' AND d.has_other = TRUE THEN 'medium' ELSE 'high' END AS severity,
       z.used_bytes AS bytes, d.kind || '-' || d.state AS cause, d.id AS stored_id, d.has_other AS has_export_of_other_id,
       COALESCE(v.n_volumes, 0) AS n_volumes
FROM drifted AS d
LEFT JOIN volume AS v ON v.appliance = d.appliance AND v.path = d.path
LEFT JOIN zfs_dataset_space AS z ON z.appliance = d.appliance AND z.path = d.path
