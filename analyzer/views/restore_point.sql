-- VolumeSnapshots that say they are ready, with their contents. `is_agreed`: both reads show the content alike.
SELECT v.cluster AS cluster, v.namespace AS namespace, v.name AS name, v.uid AS uid, v.created_at AS created_at,
       v.content AS content, v.taken_at AS taken_at, COALESCE(v.restore_size_bytes, c.restore_size_bytes) AS size_bytes,
       CASE WHEN c.name IS NULL THEN FALSE ELSE TRUE END AS has_content,
       CASE WHEN a.uid IS NULL THEN FALSE ELSE TRUE END AS is_agreed, c.is_ready AS is_content_ready,
       CASE WHEN c.deleting_at IS NULL THEN FALSE ELSE TRUE END AS is_content_deleting,
       COALESCE(c.class, v.class) AS class, c.driver AS driver, COALESCE(p.storage_class, '') AS quota_class
FROM k8s_volume_snapshot AS v
LEFT JOIN k8s_volume_snapshot_content AS c ON c.cluster = v.cluster AND c.name = v.content
LEFT JOIN again_content AS a ON a.cluster = c.cluster AND a.uid = c.uid
LEFT JOIN k8s_pvc AS p ON p.cluster = v.cluster AND p.namespace = v.namespace AND p.name = v.source_claim
WHERE v.is_ready = TRUE AND v.deleting_at IS NULL AND v.content IS NOT NULL
