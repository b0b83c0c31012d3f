-- Attaching as the objects date it: from the attachment to the last write of its status, where nothing failed since.
SELECT t.cluster AS cluster, t.driver AS driver, t.node AS node, t.status_changed_at AS ended_at,
       t.status_changed_at - t.created_at AS lasted_secs
FROM k8s_volume_attachment AS t
WHERE t.is_attached = TRUE AND t.has_attach_error = FALSE AND t.has_detach_error = FALSE AND t.deleting_at IS NULL
