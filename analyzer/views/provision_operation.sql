-- Provisioning as the objects date it: from the claim, or from the choice of a node where the class waits for one, to the
-- volume. Without the time of the choice there is no duration. `source` says what the volume was made
-- from; a `copy` lasts as long as its data is large.
SELECT p.cluster AS cluster, p.driver AS driver, s.name AS storage_class,
       CASE WHEN c.source_kind IS NULL THEN 'empty'
            WHEN c.source_kind = 'VolumeSnapshot' AND COALESCE(s.is_detached_from_snapshot, FALSE) = FALSE THEN 'snapshot'
            WHEN c.source_kind = 'PersistentVolumeClaim' AND COALESCE(s.is_detached_from_volume, FALSE) = FALSE THEN 'claim'
            ELSE 'copy' END AS source,
       p.created_at AS ended_at,
       CASE WHEN s.binding_mode = 'WaitForFirstConsumer' THEN p.created_at - c.node_selected_at
            ELSE p.created_at - c.created_at END AS lasted_secs
FROM k8s_pv AS p
JOIN k8s_pvc AS c ON c.cluster = p.cluster AND c.uid = p.claim_uid
JOIN k8s_storage_class AS s ON s.cluster = c.cluster AND s.name = c.storage_class
WHERE p.driver IS NOT NULL AND COALESCE(p.is_static, FALSE) = FALSE
