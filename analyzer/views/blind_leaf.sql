-- Datasets out of sight that may still be where they were last seen: nothing of their name was seen later on that appliance
-- under a parent of volumes, in a pool that is online. Else the copy elsewhere is older news.
WITH usable AS (
  SELECT s.appliance AS appliance, s.pool AS pool FROM pool_state AS s WHERE s.is_usable = TRUE
),
seen AS (
  SELECT h.appliance AS appliance, h.leaf AS leaf, MAX(h.last_seen_at) AS last_seen_at
  FROM history_dataset AS h
  JOIN known_parent AS k ON k.appliance = h.appliance AND k.parent = h.parent
  JOIN usable AS u ON u.appliance = h.appliance AND u.pool = h.pool
  GROUP BY h.appliance, h.leaf
)
SELECT b.appliance AS appliance, b.path AS path, b.parent AS parent, b.leaf AS leaf, b.last_seen_at AS last_seen_at
FROM blind_dataset AS b
LEFT JOIN seen AS s ON s.appliance = b.appliance AND s.leaf = b.leaf
WHERE s.leaf IS NULL OR s.last_seen_at <= b.last_seen_at
