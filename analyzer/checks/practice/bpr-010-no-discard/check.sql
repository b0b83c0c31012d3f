WITH thin AS (
  SELECT p.cluster AS cluster, p.storage_class AS storage_class, p.name AS name,
         MAX(COALESCE(d.volsize_bytes, 0)) AS volsize_bytes
  FROM k8s_pv AS p
  JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
  JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path
  WHERE p.storage_class IS NOT NULL AND p.volume_mode = 'Filesystem' AND d.kind = 'VOLUME'
    AND d.refreservation_bytes IS NULL
  GROUP BY p.cluster, p.storage_class, p.name
),
counted AS (
  SELECT t.cluster AS cluster, t.storage_class AS storage_class, COUNT(*) AS n_volumes,
         SUM(t.volsize_bytes) AS volsize_bytes
  FROM thin AS t
  GROUP BY t.cluster, t.storage_class
)
SELECT s.name AS subject, 'k8s_storage_class' AS subject_table, s.cluster AS cluster, 'probable' AS grade,
       c.n_volumes AS n_volumes, c.volsize_bytes AS volsize_bytes
FROM k8s_storage_class AS s
JOIN counted AS c ON c.cluster = s.cluster AND c.storage_class = s.name
WHERE s.has_discard = FALSE
