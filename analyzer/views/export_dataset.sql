-- Objects that export something, with the datasets that each of them serves; an object that serves none has one row too.
SELECT n.appliance AS appliance, 'nfs-share' AS kind, n.id AS id, d.path AS path
FROM nas_nfs_share AS n
LEFT JOIN zfs_dataset AS d ON d.appliance = n.appliance AND d.mount_path = n.path
UNION ALL
SELECT m.appliance AS appliance, 'smb-share' AS kind, m.id AS id, d.path AS path
FROM nas_smb_share AS m
LEFT JOIN zfs_dataset AS d ON d.appliance = m.appliance AND d.mount_path = m.path
UNION ALL
SELECT t.appliance AS appliance, 'target' AS kind, t.id AS id, d.path AS path
FROM nas_iscsi_target AS t
LEFT JOIN zfs_dataset AS d ON d.appliance = t.appliance AND d.assets_name = t.name
UNION ALL
SELECT i.appliance AS appliance, 'target' AS kind, i.target_id AS id, i.disk_path AS path
FROM iscsi_chain AS i
UNION ALL
SELECT e.appliance AS appliance, 'extent' AS kind, e.id AS id, e.disk_path AS path
FROM nas_iscsi_extent AS e
UNION ALL
SELECT l.appliance AS appliance, 'link' AS kind, l.id AS id, e.disk_path AS path
FROM nas_iscsi_target_extent AS l
LEFT JOIN nas_iscsi_extent AS e ON e.appliance = l.appliance AND e.id = l.extent_id
