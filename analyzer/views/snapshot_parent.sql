-- Parents of detached snapshots, read off contents whose dataset was found.
SELECT d.appliance AS appliance, d.grandparent AS parent
FROM k8s_volume_snapshot_content AS c
JOIN zfs_dataset AS d ON d.parent_leaf = c.volume_leaf AND d.leaf = c.detached_leaf
WHERE c.handle_form = 'detached' AND d.grandparent IS NOT NULL
GROUP BY d.appliance, d.grandparent
