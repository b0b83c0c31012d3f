-- Attaching by drivers of TrueNAS as the objects date it: from the attachment to the last write of its status, where
-- nothing failed since. Without the time of that write there is no row.
SELECT t.cluster AS cluster, t.driver AS driver, t.pv AS pv, t.node AS node, t.status_changed_at AS ended_at,
       t.status_changed_at - t.created_at AS lasted_secs
FROM k8s_volume_attachment AS t
JOIN storage_driver AS d ON d.cluster = t.cluster AND d.driver = t.driver
WHERE t.is_attached = TRUE AND t.has_attach_error = FALSE AND t.has_detach_error = FALSE AND t.deleting_at IS NULL
  AND t.status_changed_at >= t.created_at
