-- PVs and their datasets with the evidence for each pair. A volume name on what may be a replica proves nothing alone.
WITH below AS (
  SELECT p.cluster AS cluster, p.name AS name, d.appliance AS appliance, d.path AS path
  FROM k8s_pv AS p
  JOIN inferred_parent AS i ON i.cluster = p.cluster AND i.driver = p.driver
  JOIN zfs_dataset AS d ON d.appliance = i.appliance AND d.parent = i.parent AND d.leaf = p.handle_leaf
),
evidence AS (
  SELECT l.cluster AS cluster, l.name AS name, l.appliance AS appliance, l.path AS path, l.evidence AS evidence
  FROM volume_link AS l
  UNION ALL
  SELECT b.cluster AS cluster, b.name AS name, b.appliance AS appliance, b.path AS path, 'path' AS evidence
  FROM below AS b
  JOIN covered_pv AS c ON c.cluster = b.cluster AND c.name = b.name AND c.appliance = b.appliance
),
counted AS (
  SELECT e.cluster AS cluster, e.name AS name, e.appliance AS appliance, e.path AS path,
         MAX(CASE WHEN e.evidence = 'path' THEN 1 ELSE 0 END) AS n_path,
         MAX(CASE WHEN e.evidence = 'name' THEN 1 ELSE 0 END) AS n_name,
         MAX(CASE WHEN e.evidence = 'share' THEN 1 ELSE 0 END) AS n_share,
         MAX(CASE WHEN e.evidence = 'target' THEN 1 ELSE 0 END) AS n_target
  FROM evidence AS e
  GROUP BY e.cluster, e.name, e.appliance, e.path
)
SELECT c.cluster AS cluster, c.name AS name, c.appliance AS appliance, c.path AS path, c.n_path AS n_path,
       c.n_name AS n_name, c.n_share AS n_share, c.n_target AS n_target,
       c.n_path + c.n_name + c.n_share + c.n_target AS n_evidence,
       CASE WHEN c.n_target = 1 AND c.n_path = 0 AND c.n_name = 0 AND p.family = 'democratic-csi'
                 AND COALESCE(p.is_static, FALSE) = FALSE THEN TRUE
            ELSE FALSE END AS is_contradiction
FROM counted AS c
JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.name
LEFT JOIN dataset_owner AS o ON o.appliance = c.appliance AND o.path = c.path
WHERE c.n_path + c.n_share + c.n_target > 0 OR o.is_resolved = TRUE
