-- Bound claims that nothing names, with the time since which the cluster calls them unused. Where virtual machines could
-- not be listed, nothing is known: a stopped machine holds its claims.
WITH told AS (
  SELECT c.cluster AS cluster, c.claim_uid AS claim_uid, c.is_true AS is_unused, c.changed_at AS changed_at
  FROM k8s_pvc_condition AS c
  WHERE c.condition = 'Unused'
),
listed AS (
  SELECT l.cluster AS cluster, COUNT(DISTINCT l.table_name) AS n_lists
  FROM complete_list AS l
  WHERE l.table_name IN ('k8s_virtual_machine_volume', 'k8s_data_volume')
    AND (l.is_complete = TRUE OR l.outcome = 'unsupported')
  GROUP BY l.cluster
),
bound AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.uid AS uid, c.created_at AS created_at,
         c.volume_name AS volume_name, c.capacity_bytes AS capacity_bytes, c.stem AS stem, c.ordinal AS ordinal,
         COALESCE(c.has_keep_policy, FALSE) AS is_kept, t.is_unused AS is_unused,
         CASE WHEN t.is_unused = TRUE THEN t.changed_at ELSE NULL END AS unused_at
  FROM k8s_pvc AS c
  JOIN listed AS l ON l.cluster = c.cluster
  LEFT JOIN told AS t ON t.cluster = c.cluster AND t.claim_uid = c.uid
  WHERE c.phase = 'Bound' AND c.deleting_at IS NULL AND COALESCE(c.has_source_finalizer, FALSE) = FALSE
    AND COALESCE(t.is_unused, TRUE) = TRUE AND l.n_lists = 2
)
SELECT b.*
FROM bound AS b
ANTI JOIN claim_consumer AS u ON u.cluster = b.cluster AND u.namespace = b.namespace AND u.claim = b.name
