-- Whose mark a dataset carries, where the API does not say. A mark that the parent has too is inherited; a volume name
-- that stands on two datasets, or on a read-only one, may be a replica; any other volume name was set here.
WITH marked AS (
  SELECT d.appliance AS appliance, d.path AS path, d.csi_volume_name AS csi_volume_name,
         COALESCE(d.is_managed, FALSE) AS is_managed, COALESCE(d.is_readonly, FALSE) AS is_readonly,
         COALESCE(d.managed_source, d.csi_volume_name_source, 'unknown') AS told,
         CASE WHEN d.csi_volume_name = u.csi_volume_name THEN TRUE
              WHEN d.csi_volume_name IS NULL AND COALESCE(u.is_managed, FALSE) = TRUE THEN TRUE
              ELSE FALSE END AS is_as_parent
  FROM zfs_dataset AS d
  LEFT JOIN zfs_dataset AS u ON u.appliance = d.appliance AND u.path = d.parent
  WHERE COALESCE(d.is_managed, FALSE) = TRUE OR d.csi_volume_name IS NOT NULL
),
derived AS (
  SELECT m.appliance AS appliance, m.path AS path, m.csi_volume_name AS csi_volume_name, m.is_managed AS is_managed,
         m.is_readonly AS is_readonly,
         CASE WHEN m.told IN ('local', 'inherited', 'received') THEN m.told
              WHEN m.is_as_parent = TRUE THEN 'inherited'
              ELSE 'unknown' END AS told
  FROM marked AS m
),
copies AS (
  SELECT v.csi_volume_name AS csi_volume_name, COUNT(*) AS n_datasets
  FROM derived AS v
  WHERE v.told <> 'inherited' AND v.csi_volume_name IS NOT NULL
  GROUP BY v.csi_volume_name
),
resolved AS (
  SELECT v.appliance AS appliance, v.path AS path, v.csi_volume_name AS csi_volume_name, v.is_managed AS is_managed,
         CASE WHEN v.told <> 'unknown' THEN v.told
              WHEN COALESCE(c.n_datasets, 0) > 1 OR v.is_readonly = TRUE THEN 'replica-suspect'
              WHEN v.csi_volume_name IS NOT NULL THEN 'derived-local'
              ELSE 'unknown' END AS source
  FROM derived AS v
  LEFT JOIN copies AS c ON c.csi_volume_name = v.csi_volume_name
)
SELECT r.appliance AS appliance, r.path AS path, r.csi_volume_name AS csi_volume_name, r.source AS source,
       CASE WHEN r.is_managed = TRUE AND r.source <> 'inherited' AND r.source <> 'received' THEN TRUE
            ELSE FALSE END AS is_managed,
       CASE WHEN r.source IN ('local', 'derived-local') THEN TRUE ELSE FALSE END AS is_resolved
FROM resolved AS r
