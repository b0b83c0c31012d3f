-- Parents of CSI volumes and detached snapshots, each with itself and up to six datasets above it.
WITH parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent FROM known_parent AS k
  UNION ALL
  SELECT t.appliance AS appliance, t.parent AS parent FROM detached_parent AS t
),
listed AS (
  SELECT p.appliance AS appliance, p.parent AS parent, d.parent AS above_1, d.grandparent AS above_2
  FROM parent AS p
  JOIN zfs_dataset AS d ON d.appliance = p.appliance AND d.path = p.parent
),
higher AS (
  SELECT l.appliance AS appliance, l.parent AS parent, d.parent AS above_3, d.grandparent AS above_4
  FROM listed AS l
  JOIN zfs_dataset AS d ON d.appliance = l.appliance AND d.path = l.above_2
),
highest AS (
  SELECT h.appliance AS appliance, h.parent AS parent, d.parent AS above_5, d.grandparent AS above_6
  FROM higher AS h
  JOIN zfs_dataset AS d ON d.appliance = h.appliance AND d.path = h.above_4
),
step AS (
  SELECT p.appliance AS appliance, p.parent AS parent, p.parent AS ancestor, FALSE AS is_above FROM parent AS p
  UNION ALL
  SELECT l.appliance AS appliance, l.parent AS parent, l.above_1 AS ancestor, TRUE AS is_above FROM listed AS l
  UNION ALL
  SELECT l.appliance AS appliance, l.parent AS parent, l.above_2 AS ancestor, TRUE AS is_above FROM listed AS l
  UNION ALL
  SELECT h.appliance AS appliance, h.parent AS parent, h.above_3 AS ancestor, TRUE AS is_above FROM higher AS h
  UNION ALL
  SELECT h.appliance AS appliance, h.parent AS parent, h.above_4 AS ancestor, TRUE AS is_above FROM higher AS h
  UNION ALL
  SELECT h.appliance AS appliance, h.parent AS parent, h.above_5 AS ancestor, TRUE AS is_above FROM highest AS h
  UNION ALL
  SELECT h.appliance AS appliance, h.parent AS parent, h.above_6 AS ancestor, TRUE AS is_above FROM highest AS h
)
SELECT s.appliance AS appliance, s.parent AS parent, s.ancestor AS ancestor, s.is_above AS is_above
FROM step AS s
WHERE s.ancestor IS NOT NULL
GROUP BY s.appliance, s.parent, s.ancestor, s.is_above
