-- Datasets that are older than the collection.
SELECT d.appliance AS appliance, d.path AS path
FROM zfs_dataset AS d
CROSS JOIN collection_start AS w
LEFT JOIN clock_offset AS o ON o.appliance = d.appliance
WHERE COALESCE(d.created_at, 0) <= COALESCE(w.starts_at, 9999999999) + COALESCE(o.offset_secs, 0)
