WITH volume AS (
  SELECT p.cluster AS cluster, p.name AS name, p.driver AS driver, p.handle AS handle, p.family AS family,
         p.protocol AS protocol, p.phase AS phase, p.storage_class AS storage_class, p.capacity_bytes AS capacity_bytes,
         p.claim_namespace AS claim_namespace, p.claim_name AS claim_name, p.server_host AS server_host,
         p.share_path AS share_path, p.iqn_base AS iqn_base, p.iqn_suffix AS iqn_suffix, COALESCE(p.lun, 0) AS lun,
         p.nqn AS nqn, COALESCE(p.nsid, 0) AS nsid,
         CASE WHEN p.phase = 'Bound' THEN 1 ELSE 0 END AS n_bound,
         CASE WHEN p.access_mode = 'ReadOnlyMany' THEN 0 ELSE 1 END AS n_writers,
         CASE WHEN p.protocol IN ('iscsi', 'nvmeof') THEN 1 ELSE 0 END AS n_block,
         CASE WHEN COALESCE(p.is_static, FALSE) = TRUE THEN 1 ELSE 0 END AS n_static,
         CASE WHEN COALESCE(p.is_static, FALSE) = TRUE AND p.access_mode = 'ReadWriteMany' THEN 1 ELSE 0 END AS n_shared,
         CASE WHEN COALESCE(p.is_static, FALSE) = FALSE AND p.reclaim_policy = 'Delete' THEN 1 ELSE 0 END AS n_deleters
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  WHERE p.deleting_at IS NULL AND p.family <> 'foreign'
),
served AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance, v.path AS path
  FROM volume_join AS v
  WHERE v.is_contradiction = FALSE AND v.n_path + v.n_share + v.n_target > 0
),
meeting AS (
  SELECT a.cluster AS cluster, a.name AS name, b.cluster AS other_cluster, b.name AS other_name, 'handle' AS evidence
  FROM volume AS a
  JOIN volume AS b ON b.cluster = a.cluster AND b.driver = a.driver AND b.handle = a.handle
  UNION ALL
  SELECT a.cluster AS cluster, a.name AS name, b.cluster AS other_cluster, b.name AS other_name, 'dataset' AS evidence
  FROM served AS a
  JOIN served AS b ON b.appliance = a.appliance AND b.path = a.path
  UNION ALL
  SELECT a.cluster AS cluster, a.name AS name, b.cluster AS other_cluster, b.name AS other_name, 'address' AS evidence
  FROM volume AS a
  JOIN volume AS b ON b.server_host = a.server_host AND b.share_path = a.share_path
  UNION ALL
  SELECT a.cluster AS cluster, a.name AS name, b.cluster AS other_cluster, b.name AS other_name, 'address' AS evidence
  FROM volume AS a
  JOIN volume AS b ON b.iqn_base = a.iqn_base AND b.iqn_suffix = a.iqn_suffix AND b.lun = a.lun
  JOIN k8s_pv_portal AS q ON q.cluster = a.cluster AND q.pv = a.name
  JOIN k8s_pv_portal AS r ON r.cluster = b.cluster AND r.pv = b.name AND r.host = q.host
  UNION ALL
  SELECT a.cluster AS cluster, a.name AS name, b.cluster AS other_cluster, b.name AS other_name, 'address' AS evidence
  FROM volume AS a
  JOIN volume AS b ON b.nqn = a.nqn AND b.nsid = a.nsid
),
pair AS (
  SELECT m.cluster AS cluster, m.name AS name, m.other_cluster AS other_cluster, m.other_name AS other_name,
         MAX(CASE WHEN m.evidence = 'handle' THEN 1 ELSE 0 END) AS n_handle,
         MAX(CASE WHEN m.evidence = 'dataset' THEN 1 ELSE 0 END) AS n_dataset
  FROM meeting AS m
  WHERE m.cluster <> m.other_cluster OR m.name <> m.other_name
  GROUP BY m.cluster, m.name, m.other_cluster, m.other_name
),
weighed AS (
  SELECT q.cluster AS cluster, q.name AS name, q.other_cluster AS other_cluster, q.other_name AS other_name,
         q.n_handle AS n_handle, q.n_dataset AS n_dataset, a.n_deleters + b.n_deleters AS n_deleters,
         CASE WHEN a.n_block = 1 AND a.n_bound + b.n_bound = 2 AND a.n_writers + b.n_writers > 0
                   AND a.n_shared + b.n_shared < 2 THEN 3
              WHEN a.n_deleters + b.n_deleters > 0 AND (a.n_block = 1 OR a.n_static + b.n_static = 0) THEN 2
              ELSE 1 END AS weight
  FROM pair AS q
  JOIN volume AS a ON a.cluster = q.cluster AND a.name = q.name
  JOIN volume AS b ON b.cluster = q.other_cluster AND b.name = q.other_name
),
counted AS (
  SELECT w.cluster AS cluster, w.name AS name, COUNT(*) AS n_others, COUNT(DISTINCT w.other_cluster) AS n_clusters,
         MAX(w.n_handle) AS n_handle, MAX(w.n_dataset) AS n_dataset, MAX(w.weight) AS weight,
         MAX(w.n_deleters) AS n_deleters
  FROM weighed AS w
  GROUP BY w.cluster, w.name
),
single AS (
  SELECT c.cluster AS cluster, c.name AS name, w.other_cluster AS other_cluster, w.other_name AS other_name
  FROM counted AS c
  JOIN weighed AS w ON w.cluster = c.cluster AND w.name = c.name
  WHERE c.n_others = 1
)
SELECT c.name AS subject, 'k8s_pv' AS subject_table, c.cluster AS cluster,
       CASE WHEN c.weight = 1 THEN 'candidate' WHEN c.n_handle + c.n_dataset > 0 THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN c.weight = 3 THEN 'high' WHEN c.weight = 2 THEN 'medium' ELSE 'low' END AS severity,
       CASE WHEN c.n_handle = 1 THEN 'handle' WHEN c.n_dataset = 1 THEN 'dataset' ELSE 'address' END AS evidence,
       v.driver AS driver, v.protocol AS protocol, v.phase AS phase, v.storage_class AS storage_class,
       v.claim_namespace AS claim_namespace, v.claim_name AS claim_name, v.capacity_bytes AS capacity_bytes,
       c.n_others AS n_others, c.n_clusters AS n_clusters, c.n_deleters AS n_deleters, s.other_name AS other_pv,
       s.other_cluster AS other_cluster
FROM counted AS c
JOIN volume AS v ON v.cluster = c.cluster AND v.name = c.name
LEFT JOIN single AS s ON s.cluster = c.cluster AND s.name = c.name
