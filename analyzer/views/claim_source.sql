-- What the volume of a claim is made from: nothing, a snapshot, another claim, or a full copy of one of them, which lasts as
-- long as its data is large.
SELECT c.cluster AS cluster, c.uid AS uid,
       CASE WHEN c.source_kind IS NULL THEN 'empty'
            WHEN c.source_kind = 'VolumeSnapshot' AND COALESCE(s.is_detached_from_snapshot, FALSE) = FALSE THEN 'snapshot'
            WHEN c.source_kind = 'PersistentVolumeClaim' AND COALESCE(s.is_detached_from_volume, FALSE) = FALSE
              THEN 'claim'
            ELSE 'copy' END AS source
FROM k8s_pvc AS c
JOIN k8s_storage_class AS s ON s.cluster = c.cluster AND s.name = c.storage_class
