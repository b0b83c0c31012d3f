-- What snapshots hold of the used space of each dataset, without its children, and of each pool as a whole. A dataset whose
-- children nobody tells is left out, unless it is a volume and has none.
WITH own AS (
  SELECT z.appliance AS appliance, z.path AS path, d.pool AS pool, z.used_by_snapshots_bytes AS held_bytes,
         z.used_bytes - COALESCE(z.used_by_children_bytes, 0) AS own_bytes, z.used_by_dataset_bytes AS live_bytes
  FROM zfs_dataset_space AS z
  JOIN zfs_dataset AS d ON d.appliance = z.appliance AND d.path = z.path
  WHERE z.used_by_snapshots_bytes IS NOT NULL AND (z.used_by_children_bytes IS NOT NULL OR d.kind = 'VOLUME')
),
root AS (
  SELECT o.appliance AS appliance, o.pool AS path, SUM(o.held_bytes) AS held_bytes
  FROM own AS o
  GROUP BY o.appliance, o.pool
)
SELECT o.appliance AS appliance, o.path AS subject, 'zfs_dataset' AS subject_table, o.held_bytes AS held_bytes,
       o.own_bytes AS used_bytes, o.live_bytes AS live_bytes
FROM own AS o
UNION ALL
SELECT p.appliance AS appliance, p.name AS subject, 'nas_pool' AS subject_table, r.held_bytes AS held_bytes,
       z.used_bytes AS used_bytes, CAST(NULL AS BIGINT) AS live_bytes
FROM nas_pool AS p
JOIN root AS r ON r.appliance = p.appliance AND r.path = p.name
JOIN zfs_dataset_space AS z ON z.appliance = p.appliance AND z.path = p.name
