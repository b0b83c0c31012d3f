WITH served AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance, v.path AS path
  FROM volume_join AS v
  JOIN settled_dataset AS t ON t.appliance = v.appliance AND t.path = v.path
  WHERE v.is_contradiction = TRUE
),
own AS (
  SELECT v.cluster AS cluster, v.name AS name, COUNT(*) AS n_datasets
  FROM volume_join AS v
  WHERE v.n_path = 1
  GROUP BY v.cluster, v.name
),
marked AS (
  SELECT o.appliance AS appliance, o.path AS path, o.csi_volume_name AS csi_volume_name
  FROM dataset_owner AS o
  WHERE o.is_resolved = TRUE AND o.csi_volume_name IS NOT NULL
),
shared AS (
  SELECT v.appliance AS appliance, v.path AS path, COUNT(*) AS n_volumes
  FROM volume_join AS v
  WHERE v.is_contradiction = FALSE
  GROUP BY v.appliance, v.path
)
SELECT p.name AS subject, 'k8s_pv' AS subject_table, s.appliance AS appliance,
       CASE WHEN o.n_datasets IS NOT NULL AND m.csi_volume_name IS NOT NULL THEN 'confirmed'
            WHEN o.n_datasets IS NOT NULL OR m.csi_volume_name IS NOT NULL THEN 'probable'
            ELSE 'candidate' END AS grade,
       p.capacity_bytes AS bytes, p.cluster AS cluster, s.path AS dataset, m.csi_volume_name AS volume_of_dataset,
       COALESCE(o.n_datasets, 0) AS n_own_datasets, COALESCE(h.n_volumes, 0) AS n_other_volumes
FROM served AS s
JOIN k8s_pv AS p ON p.cluster = s.cluster AND p.name = s.name
JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
LEFT JOIN own AS o ON o.cluster = s.cluster AND o.name = s.name
LEFT JOIN marked AS m ON m.appliance = s.appliance AND m.path = s.path
LEFT JOIN shared AS h ON h.appliance = s.appliance AND h.path = s.path
WHERE p.phase = 'Bound' AND p.deleting_at IS NULL
