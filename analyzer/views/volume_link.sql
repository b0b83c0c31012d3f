-- PVs and the datasets that they lead to, one row for each evidence that needs no parent: the exported path or share
-- name, the iSCSI or NVMe-oF target, a handle that is a path, and the PV name stored on the dataset. A PV that names a collected appliance leads to
-- no other one.
WITH pair AS (
  SELECT p.cluster AS cluster, p.name AS name, d.appliance AS appliance, d.path AS path, 'share' AS evidence
  FROM k8s_pv AS p
  JOIN zfs_dataset AS d ON d.mount_path = p.share_path
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS name, d.appliance AS appliance, d.path AS path, 'share' AS evidence
  FROM k8s_pv AS p
  JOIN nas_smb_share AS m ON m.name = p.share_name
  JOIN zfs_dataset AS d ON d.appliance = m.appliance AND d.mount_path = m.path
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS name, d.appliance AS appliance, d.path AS path, 'target' AS evidence
  FROM k8s_pv AS p
  JOIN iscsi_chain AS i ON i.iqn_base = p.iqn_base AND i.iqn_suffix = p.iqn_suffix
  JOIN zfs_dataset AS d ON d.appliance = i.appliance AND d.path = i.disk_path
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS name, d.appliance AS appliance, d.path AS path, 'target' AS evidence
  FROM k8s_pv AS p
  JOIN nas_nvmet_subsys AS y ON y.nqn = p.nqn
  JOIN nas_nvmet_namespace AS n ON n.appliance = y.appliance AND n.subsys_id = y.id
  JOIN zfs_dataset AS d ON d.appliance = n.appliance AND d.path = n.device_path
  WHERE COALESCE(p.nsid, n.nsid, 0) = COALESCE(n.nsid, p.nsid, 0)
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS name, d.appliance AS appliance, d.path AS path, 'path' AS evidence
  FROM k8s_pv AS p
  JOIN zfs_dataset AS d ON d.path = p.handle_path
  UNION ALL
  SELECT p.cluster AS cluster, p.name AS name, o.appliance AS appliance, o.path AS path, 'name' AS evidence
  FROM k8s_pv AS p
  JOIN dataset_owner AS o ON o.csi_volume_name = p.name
  WHERE o.source <> 'inherited' AND o.source <> 'received'
),
placed AS (
  SELECT h.cluster AS cluster, h.name AS name, COUNT(*) AS n_appliances FROM pv_host AS h GROUP BY h.cluster, h.name
),
checked AS (
  SELECT q.cluster AS cluster, q.name AS name, q.appliance AS appliance, q.path AS path, q.evidence AS evidence,
         n.n_appliances AS n_appliances, h.appliance AS host_appliance
  FROM pair AS q
  LEFT JOIN placed AS n ON n.cluster = q.cluster AND n.name = q.name
  LEFT JOIN pv_host AS h ON h.cluster = q.cluster AND h.name = q.name AND h.appliance = q.appliance
)
SELECT c.cluster AS cluster, c.name AS name, c.appliance AS appliance, c.path AS path, c.evidence AS evidence
FROM checked AS c
WHERE c.n_appliances IS NULL OR c.host_appliance IS NOT NULL
GROUP BY c.cluster, c.name, c.appliance, c.path, c.evidence
