-- Datasets that each periodic snapshot task covers: its own, and with a recursive task all below it that are not left out.
WITH covered AS (
  SELECT t.appliance AS appliance, t.id AS task_id, a.path AS path, a.depth AS depth, t.schema AS schema,
         t.is_enabled AS is_enabled
  FROM nas_snapshot_task AS t
  JOIN dataset_ancestor AS a ON a.appliance = t.appliance AND a.ancestor = t.dataset
  WHERE t.is_recursive = TRUE OR a.depth = 0
),
excluded AS (
  SELECT x.appliance AS appliance, x.task_id AS task_id, a.path AS path
  FROM nas_snapshot_task_exclude AS x
  JOIN dataset_ancestor AS a ON a.appliance = x.appliance AND a.ancestor = x.dataset
)
SELECT c.* FROM covered AS c
ANTI JOIN excluded AS x ON x.appliance = c.appliance AND x.task_id = c.task_id AND x.path = c.path
