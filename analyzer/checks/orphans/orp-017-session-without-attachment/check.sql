WITH volume AS (
  SELECT v.appliance AS appliance, v.path AS path, p.cluster AS cluster, p.name AS name, p.phase AS phase,
         p.capacity_bytes AS capacity_bytes
  FROM volume_join AS v
  JOIN k8s_pv AS p ON p.cluster = v.cluster AND p.name = v.name
  JOIN k8s_csi_driver AS d ON d.cluster = p.cluster AND d.name = p.driver
  JOIN settled_dataset AS t ON t.appliance = v.appliance AND t.path = v.path
  WHERE d.is_attach_required = TRUE AND COALESCE(p.provisioner, 'other') <> 'node-manual'
),
stale AS (
  SELECT s.appliance AS appliance, s.path AS path, s.cluster AS cluster, s.node AS node, s.n_paths AS n_paths
  FROM session_node AS s
  ANTI JOIN used_volume AS u
    ON u.appliance = s.appliance AND u.path = s.path AND u.cluster = s.cluster AND u.node = s.node
),
elsewhere AS (
  SELECT u.appliance AS appliance, u.path AS path, COUNT(*) AS n_uses FROM used_volume AS u
  GROUP BY u.appliance, u.path
)
SELECT v.name AS subject, 'k8s_pv' AS subject_table, s.appliance AS appliance, s.node AS evidence_class,
       CASE WHEN e.n_uses IS NULL THEN 'probable' ELSE 'candidate' END AS grade,
       v.capacity_bytes AS bytes, s.cluster AS cluster, s.node AS node, s.path AS dataset, v.phase AS phase,
       s.n_paths AS n_paths, COALESCE(e.n_uses, 0) AS n_other_uses
FROM stale AS s
JOIN volume AS v ON v.appliance = s.appliance AND v.path = s.path AND v.cluster = s.cluster
LEFT JOIN elsewhere AS e ON e.appliance = s.appliance AND e.path = s.path
