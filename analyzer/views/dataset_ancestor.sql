-- Datasets with themselves (depth 0) and everything above them, up to fifteen levels.
WITH up AS (
  SELECT d.appliance AS appliance, d.path AS path, d.parent AS ancestor FROM zfs_dataset AS d WHERE d.parent IS NOT NULL
),
up_2 AS (
  SELECT a.appliance AS appliance, a.path AS path, b.ancestor AS ancestor
  FROM up AS a
  JOIN up AS b ON b.appliance = a.appliance AND b.path = a.ancestor
),
up_4 AS (
  SELECT a.appliance AS appliance, a.path AS path, b.ancestor AS ancestor
  FROM up_2 AS a
  JOIN up_2 AS b ON b.appliance = a.appliance AND b.path = a.ancestor
),
up_8 AS (
  SELECT a.appliance AS appliance, a.path AS path, b.ancestor AS ancestor
  FROM up_4 AS a
  JOIN up_4 AS b ON b.appliance = a.appliance AND b.path = a.ancestor
),
within_1 AS (
  SELECT d.appliance AS appliance, d.path AS path, d.path AS ancestor, 0 AS depth FROM zfs_dataset AS d
  UNION ALL
  SELECT u.appliance AS appliance, u.path AS path, u.ancestor AS ancestor, 1 AS depth FROM up AS u
),
within_3 AS (
  SELECT w.appliance AS appliance, w.path AS path, w.ancestor AS ancestor, w.depth AS depth FROM within_1 AS w
  UNION ALL
  SELECT u.appliance AS appliance, u.path AS path, w.ancestor AS ancestor, w.depth + 2 AS depth
  FROM up_2 AS u
  JOIN within_1 AS w ON w.appliance = u.appliance AND w.path = u.ancestor
),
within_7 AS (
  SELECT w.appliance AS appliance, w.path AS path, w.ancestor AS ancestor, w.depth AS depth FROM within_3 AS w
  UNION ALL
  SELECT u.appliance AS appliance, u.path AS path, w.ancestor AS ancestor, w.depth + 4 AS depth
  FROM up_4 AS u
  JOIN within_3 AS w ON w.appliance = u.appliance AND w.path = u.ancestor
)
SELECT w.appliance AS appliance, w.path AS path, w.ancestor AS ancestor, w.depth AS depth FROM within_7 AS w
UNION ALL
SELECT u.appliance AS appliance, u.path AS path, w.ancestor AS ancestor, w.depth + 8 AS depth
FROM up_8 AS u
JOIN within_7 AS w ON w.appliance = u.appliance AND w.path = u.ancestor
