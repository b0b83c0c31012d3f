WITH entered AS (
  SELECT g.appliance AS appliance, g.initiator_id AS id, COUNT(*) AS n_ways
  FROM nas_iscsi_target_group AS g
  WHERE g.initiator_id IS NOT NULL
  GROUP BY g.appliance, g.initiator_id
),
unused AS (
  SELECT i.* FROM nas_iscsi_initiator AS i ANTI JOIN entered AS e ON e.appliance = i.appliance AND e.id = i.id
),
served AS (
  SELECT t.appliance AS appliance, COUNT(*) AS n_targets FROM nas_iscsi_target AS t GROUP BY t.appliance
),
volume AS (
  SELECT p.handle_path AS path, COUNT(*) AS n_volumes FROM k8s_pv AS p
  WHERE p.handle_path IS NOT NULL
  GROUP BY p.handle_path
),
blind AS (
  SELECT s.appliance AS appliance, COUNT(*) AS n_pools FROM pool_state AS s
  WHERE s.is_usable = FALSE
  GROUP BY s.appliance
),
judged AS (
  SELECT u.appliance AS appliance, u.id AS id, u.is_open AS is_open, u.n_initiators AS n_initiators,
         u.comment_path AS comment_path, COALESCE(t.n_targets, 0) AS n_targets, b.n_pools AS n_blind_pools,
         CASE WHEN u.comment_form = 'truenas-csi' AND u.comment_path IS NOT NULL
                THEN CASE WHEN d.path IS NULL AND v.n_volumes IS NULL THEN 'volume-gone' ELSE 'none' END
              WHEN t.n_targets IS NOT NULL THEN 'no-target'
              ELSE 'none' END AS cause
  FROM unused AS u
  LEFT JOIN served AS t ON t.appliance = u.appliance
  LEFT JOIN zfs_dataset AS d ON d.appliance = u.appliance AND d.path = u.comment_path
  LEFT JOIN volume AS v ON v.path = u.comment_path
  LEFT JOIN blind AS b ON b.appliance = u.appliance
)
SELECT CAST(j.id AS STRING) AS subject, 'nas_iscsi_initiator' AS subject_table, j.appliance AS appliance,
       CASE WHEN j.cause = 'volume-gone' AND j.n_blind_pools IS NULL THEN 'probable' ELSE 'candidate' END AS grade,
       j.cause AS cause, j.comment_path AS comment_path, j.n_initiators AS n_initiators, j.is_open AS is_open,
       j.n_targets AS n_targets
FROM judged AS j
WHERE j.cause <> 'none'
