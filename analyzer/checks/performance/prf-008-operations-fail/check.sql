WITH operation AS (
  SELECT m.cluster AS cluster, m.driver AS driver, m.n_failed AS n_failed, m.n_times + m.n_failed AS n_tried,
         CASE WHEN m.operation IN ('volume_provision', 'CreateVolume') THEN 'provision'
              WHEN m.operation IN ('volume_delete', 'DeleteVolume') THEN 'delete'
              WHEN m.operation IN ('volume_attach', 'ControllerPublishVolume') THEN 'attach'
              WHEN m.operation IN ('volume_detach', 'ControllerUnpublishVolume') THEN 'detach'
              WHEN m.operation IN ('volume_mount', 'map_volume', 'NodeStageVolume', 'NodePublishVolume') THEN 'mount'
              WHEN m.operation IN ('volume_unmount', 'unmount_device', 'unmap_volume', 'unmap_device', 'NodeUnstageVolume',
                                   'NodeUnpublishVolume') THEN 'unmount'
              WHEN m.operation IN ('expand_volume', 'volume_fs_resize', 'ControllerExpandVolume', 'NodeExpandVolume')
                THEN 'expand'
              WHEN m.operation IN ('CreateSnapshot', 'DeleteSnapshot') THEN 'snapshot'
              ELSE 'other' END AS step
  FROM k8s_operation_duration AS m
  JOIN storage_driver AS d ON d.cluster = m.cluster AND d.driver = m.driver
),
failing AS (
  SELECT o.*, o.n_failed * 100.0 / NULLIF(o.n_tried, 0) AS failed_percent
  FROM operation AS o
  WHERE o.n_tried >= :min_operations AND o.n_failed >= :min_failures
),
worst AS (
  SELECT f.cluster AS cluster, f.driver AS driver, f.step AS step, MAX(f.failed_percent) AS failed_percent,
         MAX(f.n_failed) AS n_failed, MAX(f.n_tried) AS n_tried
  FROM failing AS f
  GROUP BY f.cluster, f.driver, f.step
)
SELECT w.driver AS subject, 'k8s_operation_duration' AS subject_table, w.cluster AS cluster, w.step AS evidence_class,
       'probable' AS grade, CASE WHEN w.failed_percent >= :high_percent THEN 'high' ELSE 'medium' END AS severity,
       w.step AS step, CAST(FLOOR(w.failed_percent) AS BIGINT) AS failed_percent, w.n_failed AS n_failed,
       w.n_tried AS n_tried
FROM worst AS w
WHERE w.failed_percent >= :warn_percent
