-- Datasets of earlier bundles that were last seen where nothing can be seen now: their pool is not online or no longer in
-- the list, or what is above them is locked. Whether they still exist is not known; a replica of the same name that can be
-- seen elsewhere says nothing about them.
WITH place AS (
  SELECT h.appliance AS appliance, h.path AS path, h.parent AS parent, h.pool AS pool, h.leaf AS leaf,
         h.last_seen_at AS last_seen_at
  FROM history_dataset AS h
),
usable AS (
  SELECT s.appliance AS appliance, s.pool AS pool FROM pool_state AS s WHERE s.is_usable = TRUE
),
hidden AS (
  SELECT p.* FROM place AS p ANTI JOIN usable AS u ON u.appliance = p.appliance AND u.pool = p.pool
  UNION ALL
  SELECT p.* FROM place AS p
  JOIN zfs_dataset AS d ON d.appliance = p.appliance AND d.path = p.parent
  WHERE d.is_locked = TRUE
)
SELECT h.appliance AS appliance, h.path AS path, h.parent AS parent, h.leaf AS leaf, h.pool AS pool,
       MAX(h.last_seen_at) AS last_seen_at
FROM hidden AS h
GROUP BY h.appliance, h.path, h.parent, h.leaf, h.pool
