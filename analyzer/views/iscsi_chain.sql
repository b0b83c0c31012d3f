-- Targets with their links and extents, as far as each chain goes.
SELECT t.appliance AS appliance, t.id AS target_id, t.iqn_base AS iqn_base, t.iqn_suffix AS iqn_suffix,
       t.n_groups AS n_groups, l.id AS link_id, l.extent_id AS extent_id, e.id AS found_extent_id,
       e.disk_path AS disk_path, e.disk_parent AS disk_parent, e.disk_leaf AS disk_leaf, e.is_enabled AS is_enabled,
       COALESCE(e.is_locked, FALSE) AS is_locked
FROM nas_iscsi_target AS t
LEFT JOIN nas_iscsi_target_extent AS l ON l.appliance = t.appliance AND l.target_id = t.id
LEFT JOIN nas_iscsi_extent AS e ON e.appliance = l.appliance AND e.id = l.extent_id
