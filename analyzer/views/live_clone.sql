-- Datasets on which volumes with a PV depend: the volume is a clone of one of their snapshots, or a clone of such a clone.
WITH edge AS (
  SELECT d.appliance AS appliance, d.origin_path AS parent_path, d.path AS path
  FROM zfs_dataset AS d
  WHERE d.origin_path IS NOT NULL
),
live AS (
  SELECT v.appliance AS appliance, v.path AS path FROM volume_join AS v GROUP BY v.appliance, v.path
),
first AS (
  SELECT e.appliance AS appliance, e.parent_path AS path, e.path AS clone_path, 1 AS n_steps FROM edge AS e
),
second AS (
  SELECT e.appliance AS appliance, e.parent_path AS path, f.clone_path AS clone_path, 2 AS n_steps
  FROM edge AS e
  JOIN first AS f ON f.appliance = e.appliance AND f.path = e.path
),
third AS (
  SELECT e.appliance AS appliance, e.parent_path AS path, f.clone_path AS clone_path, 3 AS n_steps
  FROM edge AS e
  JOIN second AS f ON f.appliance = e.appliance AND f.path = e.path
),
chain AS (
  SELECT a.appliance AS appliance, a.path AS path, a.clone_path AS clone_path, a.n_steps AS n_steps FROM first AS a
  UNION ALL
  SELECT b.appliance AS appliance, b.path AS path, b.clone_path AS clone_path, b.n_steps AS n_steps FROM second AS b
  UNION ALL
  SELECT c.appliance AS appliance, c.path AS path, c.clone_path AS clone_path, c.n_steps AS n_steps FROM third AS c
)
SELECT c.appliance AS appliance, c.path AS path, COUNT(*) AS n_volumes, MIN(c.n_steps) AS n_steps
FROM chain AS c
JOIN live AS l ON l.appliance = c.appliance AND l.path = c.clone_path
GROUP BY c.appliance, c.path
