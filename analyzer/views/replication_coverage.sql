-- Datasets that enabled replication tasks copy, with the pool that the copy goes to. A task that pulls names datasets of
-- the other appliance. A local target that is not in the list may be anywhere, so it counts as another pool.
WITH source AS (
  SELECT t.appliance AS task_appliance, t.id AS task_id, t.direction AS direction, t.transport AS transport,
         t.target_path AS target_path, t.is_recursive AS is_recursive, t.is_holding AS is_holding, t.state AS state,
         x.dataset AS dataset
  FROM nas_replication_task AS t
  JOIN nas_replication_dataset AS x ON x.appliance = t.appliance AND x.task_id = t.id
  WHERE t.is_enabled = TRUE AND x.part = 'source'
),
covered AS (
  SELECT s.*, a.appliance AS appliance, a.path AS path
  FROM source AS s
  JOIN dataset_ancestor AS a ON a.ancestor = s.dataset
  WHERE (s.is_recursive = TRUE OR a.depth = 0)
    AND (s.direction = 'PUSH' AND a.appliance = s.task_appliance OR s.direction = 'PULL' AND a.appliance <> s.task_appliance)
),
excluded AS (
  SELECT x.appliance AS task_appliance, x.task_id AS task_id, a.appliance AS appliance, a.path AS path
  FROM nas_replication_dataset AS x
  JOIN dataset_ancestor AS a ON a.ancestor = x.dataset
  WHERE x.part = 'exclude'
),
kept AS (
  SELECT c.* FROM covered AS c
  ANTI JOIN excluded AS x ON x.task_appliance = c.task_appliance AND x.task_id = c.task_id
        AND x.appliance = c.appliance AND x.path = c.path
)
SELECT k.appliance AS appliance, k.path AS path, k.task_appliance AS task_appliance, k.task_id AS task_id,
       COALESCE(k.is_holding, FALSE) AS is_holding, COALESCE(k.state, 'none') AS state,
       CASE WHEN k.transport = 'LOCAL' AND g.pool = d.pool THEN FALSE ELSE TRUE END AS is_off_pool
FROM kept AS k
JOIN zfs_dataset AS d ON d.appliance = k.appliance AND d.path = k.path
LEFT JOIN zfs_dataset AS g ON g.appliance = k.task_appliance AND g.path = k.target_path
