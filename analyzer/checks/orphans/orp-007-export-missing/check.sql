WITH volume AS (
  SELECT p.cluster AS cluster, p.name AS name, p.protocol AS protocol, p.share_path AS share_path,
         p.iqn_suffix AS iqn_suffix, p.capacity_bytes AS capacity_bytes, v.appliance AS appliance, v.path AS path,
         v.n_evidence AS n_evidence, d.parent AS parent, d.grandparent AS grandparent
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
  JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE p.phase = 'Bound' AND p.deleting_at IS NULL
    AND p.family IN ('democratic-csi', 'truenas-csi') AND p.protocol IN ('nfs', 'iscsi') AND v.n_path = 1
    AND COALESCE(d.is_locked, FALSE) = FALSE AND s.is_usable = TRUE
),
share AS (
  SELECT n.appliance AS appliance, n.path AS path,
         MAX(CASE WHEN n.is_enabled = TRUE OR n.is_locked = TRUE THEN 1 ELSE 0 END) AS n_enabled
  FROM nas_nfs_share AS n
  GROUP BY n.appliance, n.path
),
nfs AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance,
         CASE WHEN s.n_enabled IS NULL THEN 'share-missing' ELSE 'share-disabled' END AS cause
  FROM volume AS v
  LEFT JOIN share AS s ON s.appliance = v.appliance AND s.path = v.share_path
  LEFT JOIN share AS u ON u.appliance = v.appliance AND u.path = v.parent
  LEFT JOIN share AS g ON g.appliance = v.appliance AND g.path = v.grandparent
  WHERE v.protocol = 'nfs' AND v.share_path IS NOT NULL AND COALESCE(s.n_enabled, 0) = 0
    AND COALESCE(u.n_enabled, 0) = 0 AND COALESCE(g.n_enabled, 0) = 0
),
chain AS (
  SELECT i.appliance AS appliance, i.iqn_suffix AS iqn_suffix, COUNT(i.link_id) AS n_links,
         COUNT(i.found_extent_id) AS n_extents,
         MAX(CASE WHEN i.is_enabled = TRUE OR i.is_locked = TRUE THEN 1 ELSE 0 END) AS n_enabled,
         MAX(i.n_groups) AS n_groups
  FROM iscsi_chain AS i
  GROUP BY i.appliance, i.iqn_suffix
),
iscsi AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance,
         CASE WHEN c.n_links IS NULL THEN 'target-missing'
              WHEN c.n_links = 0 THEN 'link-missing'
              WHEN c.n_extents = 0 THEN 'extent-missing'
              WHEN c.n_enabled = 0 THEN 'extent-disabled'
              ELSE 'target-without-portal' END AS cause
  FROM volume AS v
  LEFT JOIN chain AS c ON c.appliance = v.appliance AND c.iqn_suffix = v.iqn_suffix
  WHERE v.protocol = 'iscsi' AND v.iqn_suffix IS NOT NULL
    AND (COALESCE(c.n_enabled, 0) = 0 OR c.n_groups = 0)
),
broken AS (
  SELECT n.cluster AS cluster, n.name AS name, n.appliance AS appliance, n.cause AS cause FROM nfs AS n
  UNION ALL
  SELECT i.cluster AS cluster, i.name AS name, i.appliance AS appliance, i.cause AS cause FROM iscsi AS i
),
attached AS (
  SELECT t.cluster AS cluster, t.pv AS name, COUNT(*) AS n_attached
  FROM k8s_volume_attachment AS t
  WHERE t.is_attached = TRUE AND t.pv IS NOT NULL
  GROUP BY t.cluster, t.pv
)
SELECT b.name AS subject, 'k8s_pv' AS subject_table, b.appliance AS appliance,
       CASE WHEN v.n_evidence >= 2 THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN t.n_attached IS NULL THEN 'high' ELSE 'critical' END AS severity,
       v.capacity_bytes AS bytes, b.cause AS cause, b.cluster AS cluster, v.protocol AS protocol, v.path AS dataset,
       v.n_evidence AS n_evidence, COALESCE(t.n_attached, 0) AS n_attached
FROM broken AS b
JOIN volume AS v ON v.cluster = b.cluster AND v.name = b.name AND v.appliance = b.appliance
LEFT JOIN attached AS t ON t.cluster = b.cluster AND t.name = b.name
