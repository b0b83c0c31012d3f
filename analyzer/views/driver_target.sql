-- iSCSI targets that bear the mark of a CSI driver: the alias that truenas-csi writes, the uid of a claim in the name, the
-- name that a volume stores, or the IQN of a former PV. With the bundles that have seen that volume, or missed that PV.
WITH stored AS (
  SELECT d.appliance AS appliance, d.assets_name AS name, MAX(COALESCE(h.n_bundles, 0)) AS n_bundles
  FROM zfs_dataset AS d
  JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
  LEFT JOIN history_dataset AS h ON h.appliance = d.appliance AND h.path = d.path
  WHERE d.assets_name IS NOT NULL AND o.is_managed = TRUE
  GROUP BY d.appliance, d.assets_name
),
former AS (
  SELECT f.iqn_suffix AS iqn_suffix, MIN(f.n_bundles) AS n_bundles
  FROM former_pv AS f
  WHERE f.iqn_suffix IS NOT NULL
  GROUP BY f.iqn_suffix
)
SELECT t.appliance AS appliance, t.id AS id, t.name AS name, t.name_uuid AS name_uuid, t.iqn_base AS iqn_base,
       t.iqn_suffix AS iqn_suffix,
       CASE WHEN f.n_bundles IS NOT NULL THEN 'former-volume'
            WHEN s.n_bundles IS NOT NULL THEN 'stored-name'
            WHEN t.alias_path IS NOT NULL THEN 'alias'
            ELSE 'claim-uid' END AS mark,
       COALESCE(f.n_bundles, s.n_bundles, 0) AS n_bundles
FROM nas_iscsi_target AS t
LEFT JOIN stored AS s ON s.appliance = t.appliance AND s.name = t.name
LEFT JOIN former AS f ON f.iqn_suffix = t.iqn_suffix
WHERE t.alias_path IS NOT NULL OR t.name_uuid IS NOT NULL OR s.n_bundles IS NOT NULL OR f.n_bundles IS NOT NULL
