WITH joined AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance, v.path AS path,
         CASE WHEN v.n_path = 1 OR v.n_share = 1 OR v.n_target = 1 THEN v.n_name ELSE 0 END AS n_agreed
  FROM volume_join AS v
  WHERE v.is_contradiction = FALSE
),
single AS (
  SELECT j.cluster AS cluster, j.name AS name, COUNT(*) AS n_datasets FROM joined AS j GROUP BY j.cluster, j.name
),
known AS (
  SELECT a.host AS host, COUNT(*) AS n_addresses FROM nas_address AS a GROUP BY a.host
),
volume AS (
  SELECT p.cluster AS cluster, p.name AS name, p.driver AS driver, p.storage_class AS storage_class,
         p.claim_namespace AS claim_namespace, p.claim_name AS claim_name, p.server_host AS server_host,
         j.appliance AS appliance, j.path AS path, j.n_agreed AS n_agreed, d.parent AS parent, d.created_at AS created_at,
         d.context_server_host AS stored_host,
         CASE WHEN p.server_host IS NOT NULL AND k.n_addresses IS NULL THEN 1 ELSE 0 END AS n_unknown,
         CASE WHEN k.n_addresses IS NOT NULL THEN 1 ELSE 0 END AS n_known,
         CASE WHEN p.iqn_suffix <> d.context_iqn_suffix OR p.nqn <> d.context_nqn THEN 'target'
              WHEN p.share_path <> d.context_share_path OR p.share_name <> d.context_share_name THEN 'share'
              WHEN p.server_host <> d.context_server_host THEN 'server'
              ELSE 'none' END AS difference
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  JOIN single AS s ON s.cluster = p.cluster AND s.name = p.name
  JOIN joined AS j ON j.cluster = p.cluster AND j.name = p.name
  JOIN zfs_dataset AS d ON d.appliance = j.appliance AND d.path = j.path
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  LEFT JOIN known AS k ON k.host = p.server_host
  WHERE p.phase = 'Bound' AND p.deleting_at IS NULL AND p.family = 'democratic-csi'
    AND COALESCE(p.is_static, FALSE) = FALSE AND s.n_datasets = 1 AND o.is_managed = TRUE AND o.is_resolved = TRUE
),
usual AS (
  SELECT v.cluster AS cluster, v.driver AS driver, SUM(v.n_known) AS n_known, SUM(v.n_unknown) AS n_unknown
  FROM volume AS v
  GROUP BY v.cluster, v.driver
),
newest AS (
  SELECT v.cluster AS cluster, v.driver AS driver, v.appliance AS appliance, MAX(v.created_at) AS created_at
  FROM volume AS v
  GROUP BY v.cluster, v.driver, v.appliance
),
current_parent AS (
  SELECT v.cluster AS cluster, v.driver AS driver, v.appliance AS appliance, v.parent AS parent, COUNT(*) AS n_volumes
  FROM volume AS v
  JOIN newest AS n ON n.cluster = v.cluster AND n.driver = v.driver AND n.appliance = v.appliance
       AND n.created_at = v.created_at
  GROUP BY v.cluster, v.driver, v.appliance, v.parent
),
decided AS (
  SELECT c.cluster AS cluster, c.driver AS driver, c.appliance AS appliance, COUNT(*) AS n_parents
  FROM current_parent AS c
  GROUP BY c.cluster, c.driver, c.appliance
  HAVING COUNT(*) = 1
),
home AS (
  SELECT c.cluster AS cluster, c.driver AS driver, c.appliance AS appliance, c.parent AS parent
  FROM current_parent AS c
  JOIN decided AS t ON t.cluster = c.cluster AND t.driver = c.driver AND t.appliance = c.appliance
),
judged AS (
  SELECT v.*, c.parent AS current_parent,
         CASE WHEN v.difference <> 'none' THEN v.difference
              WHEN v.n_unknown = 1 AND u.n_known > u.n_unknown THEN 'unknown-server'
              WHEN c.parent <> v.parent THEN 'old-parent'
              ELSE 'none' END AS cause
  FROM volume AS v
  JOIN usual AS u ON u.cluster = v.cluster AND u.driver = v.driver
  LEFT JOIN home AS c ON c.cluster = v.cluster AND c.driver = v.driver AND c.appliance = v.appliance
)
SELECT j.name AS subject, 'k8s_pv' AS subject_table, j.appliance AS appliance,
       CASE WHEN j.difference <> 'none' AND j.n_agreed = 1 THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN j.cause = 'server' AND j.n_known = 1 THEN 'low' ELSE 'medium' END AS severity, j.cause AS cause,
       j.cluster AS cluster, j.driver AS driver, j.storage_class AS storage_class, j.claim_namespace AS claim_namespace,
       j.claim_name AS claim_name, j.path AS dataset, j.server_host AS server_host, j.stored_host AS stored_host,
       j.current_parent AS current_parent
FROM judged AS j
WHERE j.cause <> 'none'
