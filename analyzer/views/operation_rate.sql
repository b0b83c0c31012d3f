-- Storage operations of drivers of TrueNAS over the last day, with those that failed, as each measurer counted them, and
-- the step that each of them belongs to.
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
