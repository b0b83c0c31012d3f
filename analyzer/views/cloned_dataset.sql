-- Datasets of which clones exist, with their number.
SELECT d.appliance AS appliance, d.origin_path AS path, COUNT(*) AS n_clones
FROM zfs_dataset AS d
WHERE d.origin_path IS NOT NULL
GROUP BY d.appliance, d.origin_path
