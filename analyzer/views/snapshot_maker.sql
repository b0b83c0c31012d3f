-- Who made each snapshot: a CSI driver for a VolumeSnapshot, a driver for itself, a periodic task, a replication, or
-- somebody else. A name as the sidecar gives it is a driver's where a content or a volume of the driver says so. A name as
-- a task gives it, where no task covers the dataset, may be left of a task or may have been received.
WITH vendor AS (
  SELECT p.handle_path AS path, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.family = 'truenas-csi' AND p.handle_path IS NOT NULL
  GROUP BY p.handle_path
),
recorded AS (
  SELECT c.volume_path AS path, c.snapshot AS name, COUNT(*) AS n_contents
  FROM k8s_volume_snapshot_content AS c
  WHERE c.volume_path IS NOT NULL AND c.snapshot IS NOT NULL
  GROUP BY c.volume_path, c.snapshot
),
task AS (
  SELECT t.appliance AS appliance, t.path AS path, t.schema AS schema, COUNT(*) AS n_tasks
  FROM task_coverage AS t
  WHERE t.schema IS NOT NULL
  GROUP BY t.appliance, t.path, t.schema
),
marked AS (
  SELECT s.*, COALESCE(t.n_tasks, 0) AS n_tasks,
         CASE WHEN s.is_replica = TRUE OR h.path IS NOT NULL THEN TRUE ELSE FALSE END AS is_received,
         CASE WHEN v.n_volumes IS NOT NULL OR r.n_contents IS NOT NULL THEN TRUE ELSE FALSE END AS is_vendor
  FROM snapshot_origin AS s
  LEFT JOIN task AS t ON t.appliance = s.appliance AND t.path = s.dataset AND t.schema = s.schema
  LEFT JOIN replica_home AS h ON h.appliance = s.appliance AND h.path = s.dataset
  LEFT JOIN vendor AS v ON v.path = s.dataset
  LEFT JOIN recorded AS r ON r.path = s.dataset AND r.name = s.name
)
SELECT m.appliance AS appliance, COALESCE(d.pool, '') AS pool, m.dataset AS dataset, m.name AS name,
       m.created_at AS created_at, m.n_holds AS n_holds, m.n_clones AS n_clones, m.n_tasks AS n_tasks,
       m.schema AS schema,
       CASE WHEN m.origin = 'periodic' AND m.n_tasks > 0 THEN 'periodic-task'
            WHEN m.is_received = TRUE THEN 'replication'
            WHEN m.origin = 'democratic-csi' THEN 'democratic-csi'
            WHEN m.origin = 'sidecar' AND m.is_vendor = TRUE THEN 'truenas-csi'
            WHEN m.origin IN ('clone-source', 'detach-source', 'truenas-csi-clone') THEN 'clone-source'
            WHEN m.origin = 'foreign' THEN 'manual-or-foreign'
            ELSE 'unknown' END AS maker
FROM marked AS m
LEFT JOIN zfs_dataset AS d ON d.appliance = m.appliance AND d.path = m.dataset
