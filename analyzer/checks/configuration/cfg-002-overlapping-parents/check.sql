WITH kept AS (
  SELECT i.cluster AS cluster, i.driver AS driver, i.appliance AS appliance, COUNT(*) AS n_parents
  FROM inferred_parent AS i
  GROUP BY i.cluster, i.driver, i.appliance
),
pair AS (
  SELECT t.cluster AS cluster, t.driver AS driver, t.appliance AS appliance, t.parent AS snapshot_parent,
         t.n_snapshots AS n_snapshots, i.parent AS parent, i.n_volumes AS n_volumes
  FROM detached_parent AS t
  JOIN inferred_parent AS i ON i.cluster = t.cluster AND i.driver = t.driver AND i.appliance = t.appliance
),
met AS (
  SELECT q.cluster AS cluster, q.driver AS driver, q.appliance AS appliance, q.snapshot_parent AS snapshot_parent,
         q.parent AS parent, q.n_snapshots AS n_snapshots, q.n_volumes AS n_volumes,
         CASE WHEN x.is_above = TRUE THEN 'snapshots-below-volumes' ELSE 'equal' END AS overlap
  FROM pair AS q
  JOIN parent_path AS x ON x.appliance = q.appliance AND x.parent = q.snapshot_parent AND x.ancestor = q.parent
  UNION ALL
  SELECT q.cluster AS cluster, q.driver AS driver, q.appliance AS appliance, q.snapshot_parent AS snapshot_parent,
         q.parent AS parent, q.n_snapshots AS n_snapshots, q.n_volumes AS n_volumes,
         'volumes-below-snapshots' AS overlap
  FROM pair AS q
  JOIN parent_path AS x ON x.appliance = q.appliance AND x.parent = q.parent AND x.ancestor = q.snapshot_parent
  WHERE x.is_above = TRUE
)
SELECT m.snapshot_parent AS subject, 'zfs_dataset' AS subject_table, m.appliance AS appliance,
       CASE WHEN k.n_parents = 1 THEN 'confirmed' ELSE 'probable' END AS grade, m.cluster AS evidence_class,
       m.overlap AS overlap, m.parent AS volume_parent, m.cluster AS cluster, m.driver AS driver,
       m.n_snapshots AS n_snapshots, m.n_volumes AS n_volumes
FROM met AS m
JOIN kept AS k ON k.cluster = m.cluster AND k.driver = m.driver AND k.appliance = m.appliance
