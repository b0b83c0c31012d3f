-- Datasets that a replication task writes: its target and all below it. A task that pushes over the network writes on an
-- appliance other than its own.
WITH target AS (
  SELECT t.appliance AS task_appliance, t.target_path AS path,
         CASE WHEN t.direction = 'PULL' OR t.transport = 'LOCAL' THEN TRUE ELSE FALSE END AS is_here
  FROM nas_replication_task AS t
),
pair AS (
  SELECT a.appliance AS appliance, a.path AS path
  FROM target AS t
  JOIN dataset_ancestor AS a ON a.ancestor = t.path
  WHERE t.is_here = TRUE AND a.appliance = t.task_appliance OR t.is_here = FALSE AND a.appliance <> t.task_appliance
)
SELECT p.appliance AS appliance, p.path AS path FROM pair AS p GROUP BY p.appliance, p.path
