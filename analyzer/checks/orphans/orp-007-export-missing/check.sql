WITH joined AS (
  SELECT p.cluster AS cluster, p.name AS name, p.protocol AS protocol, p.share_path AS share_path,
         p.share_name AS share_name, p.iqn_suffix AS iqn_suffix, p.nqn AS nqn, p.nsid AS nsid,
         p.capacity_bytes AS capacity_bytes, v.appliance AS appliance, v.path AS path,
         v.n_evidence AS n_evidence, d.parent AS parent, d.grandparent AS grandparent
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
  JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path
  JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
  JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
  WHERE p.phase = 'Bound' AND p.deleting_at IS NULL AND p.family IN ('democratic-csi', 'truenas-csi') AND v.n_path = 1
    AND COALESCE(d.is_locked, FALSE) = FALSE AND s.is_usable = TRUE
),
volume AS (
  SELECT j.* FROM joined AS j ANTI JOIN blind_volume AS x ON x.cluster = j.cluster AND x.name = j.name
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
attached AS (
  SELECT t.cluster AS cluster, t.pv AS name, COUNT(*) AS n_attached
  FROM k8s_volume_attachment AS t
  WHERE t.is_attached = TRUE AND t.pv IS NOT NULL
  GROUP BY t.cluster, t.pv
),
smb_share AS (
  SELECT m.appliance AS appliance, m.name AS name,
         MAX(CASE WHEN m.is_enabled = TRUE OR m.is_locked = TRUE THEN 1 ELSE 0 END) AS n_enabled
  FROM nas_smb_share AS m
  GROUP BY m.appliance, m.name
),
smb AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance,
         CASE WHEN s.n_enabled IS NULL THEN 'share-missing' ELSE 'share-disabled' END AS cause
  FROM volume AS v
  LEFT JOIN smb_share AS s ON s.appliance = v.appliance AND s.name = v.share_name
  WHERE v.protocol = 'smb' AND v.share_name IS NOT NULL AND COALESCE(s.n_enabled, 0) = 0
),
port AS (
  SELECT l.appliance AS appliance, l.subsys_id AS subsys_id, COUNT(*) AS n_ports
  FROM nas_nvmet_port_subsys AS l
  GROUP BY l.appliance, l.subsys_id
),
namespace AS (
  SELECT y.appliance AS appliance, y.nqn AS nqn, n.device_path AS device_path, n.id AS namespace_id,
         CASE WHEN n.is_enabled = TRUE OR n.is_locked = TRUE THEN 1 ELSE 0 END AS n_enabled,
         COALESCE(q.n_ports, 0) AS n_ports
  FROM nas_nvmet_subsys AS y
  LEFT JOIN nas_nvmet_namespace AS n ON n.appliance = y.appliance AND n.subsys_id = y.id
  LEFT JOIN port AS q ON q.appliance = y.appliance AND q.subsys_id = y.id
),
subsystem AS (
  SELECT n.appliance AS appliance, n.nqn AS nqn, COUNT(n.namespace_id) AS n_namespaces, MAX(n.n_enabled) AS n_enabled,
         MAX(n.n_ports) AS n_ports
  FROM namespace AS n
  WHERE n.nqn IS NOT NULL
  GROUP BY n.appliance, n.nqn
),
nvme AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance,
         CASE WHEN y.n_namespaces IS NULL THEN 'subsystem-missing'
              WHEN y.n_namespaces = 0 THEN 'namespace-missing'
              WHEN y.n_enabled = 0 THEN 'namespace-disabled'
              ELSE 'subsystem-without-port' END AS cause
  FROM volume AS v
  LEFT JOIN subsystem AS y ON y.appliance = v.appliance AND y.nqn = v.nqn
  WHERE v.protocol = 'nvmeof' AND v.nqn IS NOT NULL AND (COALESCE(y.n_enabled, 0) = 0 OR y.n_ports = 0)
),
exported AS (
  SELECT n.appliance AS appliance, n.device_path AS path, MAX(n.n_enabled) AS n_enabled, MAX(n.n_ports) AS n_ports
  FROM namespace AS n
  WHERE n.device_path IS NOT NULL
  GROUP BY n.appliance, n.device_path
),
unnamed_nvme AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance,
         CASE WHEN e.n_enabled IS NULL THEN 'namespace-missing'
              WHEN e.n_enabled = 0 THEN 'namespace-disabled'
              ELSE 'subsystem-without-port' END AS cause
  FROM volume AS v
  JOIN attached AS t ON t.cluster = v.cluster AND t.name = v.name
  LEFT JOIN exported AS e ON e.appliance = v.appliance AND e.path = v.path
  WHERE v.protocol = 'nvmeof' AND v.nqn IS NULL AND (COALESCE(e.n_enabled, 0) = 0 OR e.n_ports = 0)
),
service AS (
  SELECT s.appliance AS appliance, s.is_enabled AS is_enabled,
         CASE WHEN s.service = 'iscsitarget' THEN 'iscsi' WHEN s.service = 'nfs' THEN 'nfs'
              WHEN s.service = 'cifs' THEN 'smb' WHEN s.service = 'nvmet' THEN 'nvmeof' END AS protocol
  FROM nas_service AS s
  WHERE s.is_running = FALSE
),
stopped AS (
  SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance,
         CASE WHEN s.is_enabled = TRUE THEN 'service-stopped' ELSE 'service-switched-off' END AS cause
  FROM volume AS v
  JOIN service AS s ON s.appliance = v.appliance AND s.protocol = v.protocol
),
own AS (
  SELECT n.cluster AS cluster, n.name AS name, n.appliance AS appliance, n.cause AS cause FROM nfs AS n
  UNION ALL
  SELECT i.cluster AS cluster, i.name AS name, i.appliance AS appliance, i.cause AS cause FROM iscsi AS i
  UNION ALL
  SELECT m.cluster AS cluster, m.name AS name, m.appliance AS appliance, m.cause AS cause FROM smb AS m
  UNION ALL
  SELECT e.cluster AS cluster, e.name AS name, e.appliance AS appliance, e.cause AS cause FROM nvme AS e
  UNION ALL
  SELECT u.cluster AS cluster, u.name AS name, u.appliance AS appliance, u.cause AS cause FROM unnamed_nvme AS u
),
idle AS (
  SELECT s.* FROM stopped AS s
  ANTI JOIN own AS o ON o.cluster = s.cluster AND o.name = s.name AND o.appliance = s.appliance
),
broken AS (
  SELECT o.* FROM own AS o
  UNION ALL
  SELECT i.* FROM idle AS i
)
SELECT b.name AS subject, 'k8s_pv' AS subject_table, b.appliance AS appliance,
       CASE WHEN b.cause = 'service-switched-off' THEN 'candidate'
            WHEN v.n_evidence >= 2 OR b.cause = 'service-stopped' THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN t.n_attached IS NULL THEN 'high' ELSE 'critical' END AS severity,
       v.capacity_bytes AS bytes, b.cause AS cause, b.cluster AS cluster, v.protocol AS protocol, v.path AS dataset,
       v.n_evidence AS n_evidence, COALESCE(t.n_attached, 0) AS n_attached
FROM broken AS b
JOIN volume AS v ON v.cluster = b.cluster AND v.name = b.name AND v.appliance = b.appliance
LEFT JOIN attached AS t ON t.cluster = b.cluster AND t.name = b.name
