-- Bound PVs that a provisioner made, with their one dataset: both can be read and are older than the collection.
WITH pair AS (
  SELECT v.cluster AS cluster, v.name AS name, COUNT(*) AS n_datasets
  FROM volume_join AS v
  GROUP BY v.cluster, v.name
)
SELECT p.cluster AS cluster, p.name AS name, p.driver AS driver, p.storage_class AS storage_class,
       p.protocol AS protocol, p.claim_uid AS claim_uid, p.capacity_bytes AS capacity_bytes, v.appliance AS appliance,
       v.path AS path, v.n_evidence AS n_evidence, d.parent AS parent, d.pool AS pool, d.kind AS kind,
       d.origin_path AS origin_path, d.volsize_bytes AS volsize_bytes, d.volblocksize_bytes AS volblocksize_bytes,
       d.quota_bytes AS quota_bytes, d.refquota_bytes AS refquota_bytes, d.reservation_bytes AS reservation_bytes,
       d.refreservation_bytes AS refreservation_bytes
FROM k8s_pv AS p
JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
JOIN pair AS n ON n.cluster = p.cluster AND n.name = p.name
JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path
JOIN settled_dataset AS t ON t.appliance = d.appliance AND t.path = d.path
JOIN pool_state AS s ON s.appliance = d.appliance AND s.pool = d.pool
WHERE p.phase = 'Bound' AND p.deleting_at IS NULL AND n.n_datasets = 1
  AND p.family IN ('democratic-csi', 'zfs-generic', 'truenas-csi', 'tns-csi')
  AND COALESCE(p.is_static, FALSE) = FALSE AND v.is_contradiction = FALSE
  AND COALESCE(d.is_locked, FALSE) = FALSE AND s.is_usable = TRUE
