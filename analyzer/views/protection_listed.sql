-- Clusters whose snapshots and Velero objects were read to their end, or are not served: only there is a missing protection
-- a fact.
WITH listed AS (
  SELECT l.cluster AS cluster, COUNT(DISTINCT l.table_name) AS n_lists
  FROM complete_list AS l
  WHERE l.table_name IN ('k8s_volume_snapshot', 'k8s_volume_snapshot_content', 'k8s_velero_backup', 'k8s_velero_schedule')
    AND (l.is_complete = TRUE OR l.outcome = 'unsupported')
  GROUP BY l.cluster
)
SELECT l.cluster AS cluster FROM listed AS l WHERE l.n_lists = 4
