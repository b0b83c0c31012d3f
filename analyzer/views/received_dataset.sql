-- Replicas: datasets that were received, and read-only ones with a driver's mark.
SELECT o.appliance AS appliance, o.path AS path
FROM dataset_owner AS o
JOIN zfs_dataset AS d ON d.appliance = o.appliance AND d.path = o.path
WHERE o.source = 'received' OR COALESCE(d.is_readonly, FALSE) = TRUE
