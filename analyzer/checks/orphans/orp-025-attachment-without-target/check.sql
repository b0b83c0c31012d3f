WITH published AS (
  SELECT t.cluster AS cluster, t.uid AS uid, t.pv AS pv, t.node AS node, t.driver AS driver, p.protocol AS protocol,
         p.claim_namespace AS claim_namespace, p.claim_name AS claim_name, p.handle_path AS handle_path,
         :now + COALESCE(o.offset_secs, 0) - t.created_at AS age_secs,
         CASE WHEN p.protocol = 'iscsi' AND t.iqn_base IS NULL THEN TRUE
              WHEN p.protocol = 'nvmeof' AND t.nqn IS NULL THEN TRUE
              WHEN p.protocol = 'nfs' AND t.share_path IS NULL THEN TRUE
              ELSE FALSE END AS is_empty
  FROM k8s_volume_attachment AS t
  JOIN k8s_pv AS p ON p.cluster = t.cluster AND p.name = t.pv
  LEFT JOIN clock_offset AS o ON o.cluster = t.cluster
  WHERE p.family = 'truenas-csi' AND p.deleting_at IS NULL AND t.is_attached = TRUE AND t.deleting_at IS NULL
),
telling AS (
  SELECT p.cluster AS cluster, p.driver AS driver, p.protocol AS protocol, COUNT(*) AS n_attachments
  FROM published AS p
  WHERE p.is_empty = FALSE
  GROUP BY p.cluster, p.driver, p.protocol
),
dataset AS (
  SELECT d.path AS path, COUNT(*) AS n_datasets FROM zfs_dataset AS d GROUP BY d.path
)
SELECT p.uid AS subject, 'k8s_volume_attachment' AS subject_table, p.cluster AS cluster,
       CASE WHEN t.n_attachments IS NULL THEN 'candidate' ELSE 'probable' END AS grade, p.protocol AS protocol,
       p.pv AS pv, p.node AS node, p.driver AS driver, p.claim_namespace AS namespace, p.claim_name AS claim,
       COALESCE(t.n_attachments, 0) AS n_telling, COALESCE(d.n_datasets, 0) AS n_datasets, p.age_secs AS age_secs
FROM published AS p
LEFT JOIN telling AS t ON t.cluster = p.cluster AND t.driver = p.driver AND t.protocol = p.protocol
LEFT JOIN dataset AS d ON d.path = p.handle_path
WHERE p.is_empty = TRUE AND p.age_secs >= :grace_secs
