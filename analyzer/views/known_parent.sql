-- Parents of CSI volumes: inferred ones, and declared ones that no appliance contradicts. A declared path that exists on
-- two appliances says nothing about either: one of them may hold replicas.
WITH inferred AS (
  SELECT i.appliance AS appliance, i.parent AS parent FROM inferred_parent AS i GROUP BY i.appliance, i.parent
),
inferred_path AS (
  SELECT i.parent AS parent, COUNT(*) AS n_appliances FROM inferred AS i GROUP BY i.parent
),
declared AS (
  SELECT s.parent AS parent, COUNT(*) AS n_clusters FROM collect_scope AS s GROUP BY s.parent
),
placed AS (
  SELECT d.appliance AS appliance, s.parent AS parent
  FROM declared AS s
  JOIN zfs_dataset AS d ON d.path = s.parent
),
spread AS (
  SELECT p.parent AS parent, COUNT(*) AS n_appliances FROM placed AS p GROUP BY p.parent
)
SELECT i.appliance AS appliance, i.parent AS parent, TRUE AS is_inferred FROM inferred AS i
UNION ALL
SELECT p.appliance AS appliance, p.parent AS parent, FALSE AS is_inferred
FROM placed AS p
JOIN spread AS n ON n.parent = p.parent
LEFT JOIN inferred_path AS i ON i.parent = p.parent
WHERE n.n_appliances = 1 AND i.n_appliances IS NULL
