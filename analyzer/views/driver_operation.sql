-- Provisioning and attaching as objects date them: from the moment the sidecar may begin to the moment it is done.
SELECT p.cluster AS cluster, p.driver AS driver, 'provisioner' AS role, p.created_at AS ended_at,
       CASE WHEN s.binding_mode = 'WaitForFirstConsumer' THEN p.created_at - c.node_selected_at
            ELSE p.created_at - c.created_at END AS lasted_secs
FROM k8s_pv AS p
JOIN k8s_pvc AS c ON c.cluster = p.cluster AND c.uid = p.claim_uid
JOIN k8s_storage_class AS s ON s.cluster = c.cluster AND s.name = c.storage_class
WHERE p.driver IS NOT NULL AND COALESCE(p.is_static, FALSE) = FALSE
UNION ALL
SELECT t.cluster AS cluster, t.driver AS driver, 'attacher' AS role, t.status_changed_at AS ended_at,
       t.status_changed_at - t.created_at AS lasted_secs
FROM k8s_volume_attachment AS t
WHERE t.is_attached = TRUE AND t.has_attach_error = FALSE AND t.has_detach_error = FALSE AND t.deleting_at IS NULL
