WITH kept AS (
  SELECT s.*, :now + COALESCE(o.offset_secs, 0) - s.created_at AS age_secs
  FROM snapshot_origin AS s
  LEFT JOIN clock_offset AS o ON o.appliance = s.appliance
  WHERE s.origin IN ('clone-source', 'detach-source', 'truenas-csi-clone') AND s.is_replica = FALSE
),
pending AS (
  SELECT c.expected_volume AS leaf, COUNT(*) AS n_claims
  FROM k8s_pvc AS c
  WHERE c.phase = 'Pending'
  GROUP BY c.expected_volume
),
making AS (
  SELECT c.source_handle_leaf AS leaf, COUNT(*) AS n_contents
  FROM k8s_volume_snapshot_content AS c
  WHERE c.is_ready = FALSE AND c.has_error = FALSE AND c.source_handle_leaf IS NOT NULL
  GROUP BY c.source_handle_leaf
),
vendor AS (
  SELECT p.handle_path AS path, COUNT(*) AS n_volumes
  FROM k8s_pv AS p
  WHERE p.family = 'truenas-csi' AND p.handle_path IS NOT NULL
  GROUP BY p.handle_path
),
idle AS (
  SELECT k.* FROM kept AS k ANTI JOIN pending AS p ON p.leaf = k.ref_leaf
)
SELECT i.dataset || '@' || i.name AS subject, 'zfs_snapshot' AS subject_table, i.appliance AS appliance,
       CASE WHEN i.is_resolved = TRUE OR i.origin = 'truenas-csi-clone' AND v.n_volumes > 0 THEN 'confirmed'
            ELSE 'candidate' END AS grade,
       CASE WHEN i.n_clones > 0 THEN 'low' ELSE 'medium' END AS severity,
       i.used_bytes AS bytes, i.origin AS origin, i.age_secs AS age_secs, i.n_clones AS n_clones, i.n_holds AS n_holds,
       i.is_defer_destroy AS is_defer_destroy
FROM idle AS i
LEFT JOIN making AS m ON m.leaf = i.dataset_leaf
LEFT JOIN vendor AS v ON v.path = i.dataset
WHERE (i.n_clones = 0 AND i.age_secs >= :grace_secs OR i.n_clones > 0 AND i.age_secs >= :clone_days * 86400)
  AND (m.n_contents IS NULL OR i.origin <> 'detach-source')
