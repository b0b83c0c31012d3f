-- Contents whose snapshot is there: on a volume below a known parent (a promoted clone takes its snapshots along), under
-- the full path, or as the dataset of a detached handle. A locked volume gets the benefit of the doubt.
WITH parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent FROM known_parent AS k GROUP BY k.appliance, k.parent
)
SELECT c.cluster AS cluster, c.name AS name
FROM judged_content AS c
JOIN zfs_snapshot AS s ON s.appliance = c.appliance AND s.name = c.snapshot
JOIN parent AS k ON k.appliance = s.appliance AND k.parent = s.dataset_parent
UNION ALL
SELECT c.cluster AS cluster, c.name AS name
FROM judged_content AS c
JOIN zfs_snapshot AS s ON s.appliance = c.appliance AND s.dataset = c.volume_path AND s.name = c.snapshot
UNION ALL
SELECT c.cluster AS cluster, c.name AS name
FROM judged_content AS c
JOIN zfs_dataset AS d ON d.appliance = c.appliance AND d.parent_leaf = c.volume_leaf AND d.leaf = c.detached_leaf
UNION ALL
SELECT c.cluster AS cluster, c.name AS name
FROM judged_content AS c
JOIN zfs_dataset AS d ON d.appliance = c.appliance AND d.leaf = c.volume_leaf
WHERE d.is_locked = TRUE
