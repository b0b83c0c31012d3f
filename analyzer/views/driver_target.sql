-- iSCSI targets that bear the mark of a CSI driver: the alias that truenas-csi writes, the uid of a claim in the name, the
-- name that a volume stores, or the IQN of a PV of earlier bundles that its cluster no longer has.
WITH stored AS (
  SELECT d.appliance AS appliance, d.assets_name AS name, COUNT(*) AS n_volumes
  FROM zfs_dataset AS d
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  WHERE d.assets_name IS NOT NULL AND o.is_managed = TRUE
  GROUP BY d.appliance, d.assets_name
),
gone AS (
  SELECT h.* FROM history_pv AS h ANTI JOIN k8s_pv AS p ON p.cluster = h.cluster AND p.name = h.name
),
former AS (
  SELECT g.iqn_suffix AS iqn_suffix, COUNT(*) AS n_volumes
  FROM gone AS g
  WHERE g.iqn_suffix IS NOT NULL
  GROUP BY g.iqn_suffix
)
SELECT t.appliance AS appliance, t.id AS id, t.name AS name, t.name_uuid AS name_uuid, t.iqn_base AS iqn_base,
       t.iqn_suffix AS iqn_suffix,
       CASE WHEN f.n_volumes IS NOT NULL THEN 'former-volume'
            WHEN s.n_volumes IS NOT NULL THEN 'stored-name'
            WHEN t.alias_path IS NOT NULL THEN 'alias'
            ELSE 'claim-uid' END AS mark
FROM nas_iscsi_target AS t
LEFT JOIN stored AS s ON s.appliance = t.appliance AND s.name = t.name
LEFT JOIN former AS f ON f.iqn_suffix = t.iqn_suffix
WHERE t.alias_path IS NOT NULL OR t.name_uuid IS NOT NULL OR s.n_volumes IS NOT NULL OR f.n_volumes IS NOT NULL
