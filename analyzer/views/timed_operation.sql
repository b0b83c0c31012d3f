-- Operations of drivers with the object that they are counted by: a class or, for attaching, the driver itself.
SELECT p.cluster AS cluster, 'provision' AS operation, 'k8s_storage_class' AS subject_table, p.storage_class AS subject,
       p.driver AS driver, p.source AS source, p.ended_at AS ended_at, p.lasted_secs AS lasted_secs
FROM provision_operation AS p
UNION ALL
SELECT t.cluster AS cluster, 'attach' AS operation, 'k8s_csi_driver' AS subject_table, t.driver AS subject,
       t.driver AS driver, 'volume' AS source, t.ended_at AS ended_at, t.lasted_secs AS lasted_secs
FROM attach_operation AS t
UNION ALL
SELECT s.cluster AS cluster, 'snapshot' AS operation, 'k8s_volume_snapshot_class' AS subject_table, s.class AS subject,
       s.driver AS driver, 'volume' AS source, s.asked_at AS ended_at, s.lasted_secs AS lasted_secs
FROM snapshot_operation AS s
