-- Space that the dataset of each PV holds.
SELECT v.cluster AS cluster, v.name AS name, SUM(z.used_bytes) AS used_bytes, SUM(z.referenced_bytes) AS referenced_bytes
FROM volume_join AS v
JOIN zfs_dataset_space AS z ON z.appliance = v.appliance AND z.path = v.path
WHERE v.n_path = 1
GROUP BY v.cluster, v.name
