WITH retaining AS (
  SELECT i.appliance AS appliance, i.parent AS parent, COUNT(*) AS n_classes
  FROM inferred_parent AS i
  JOIN k8s_volume_snapshot_class AS k ON k.cluster = i.cluster AND k.driver = i.driver
  WHERE k.deletion_policy = 'Retain'
  GROUP BY i.appliance, i.parent
),
scope AS (
  SELECT s.parent AS parent, s.oldest_ended_at AS oldest_ended_at
  FROM declared_scope AS s
  WHERE s.oldest_ended_at >= :now - :scope_window_secs
),
judged AS (
  SELECT u.*, CASE WHEN COALESCE(g.oldest_ended_at, h.oldest_ended_at) IS NULL THEN FALSE ELSE TRUE END AS is_declared,
         COALESCE(r.n_classes, 0) AS n_retaining, COALESCE(a.n_bundles, 0) AS n_absent_bundles,
         COALESCE(:now - a.started_at, 0) AS absent_secs,
         :now + COALESCE(o.offset_secs, 0) - u.created_at AS age_secs
  FROM unclaimed_snapshot AS u
  LEFT JOIN scope AS g ON g.parent = u.parent
  LEFT JOIN scope AS h ON h.parent = u.grandparent
  LEFT JOIN retaining AS r ON r.appliance = u.appliance AND r.parent = u.parent
  LEFT JOIN snapshot_absence AS a ON a.appliance = u.appliance AND a.subject = u.subject
  LEFT JOIN clock_offset AS o ON o.appliance = u.appliance
)
SELECT j.subject AS subject, j.subject_table AS subject_table, j.appliance AS appliance,
       CASE WHEN j.is_resolved = FALSE OR j.is_declared = FALSE OR j.n_retaining > 0
                 OR j.n_absent_bundles < :min_bundles OR j.absent_secs < :grace_secs THEN 'candidate'
            WHEN j.n_absent_bundles >= :confirm_bundles THEN 'confirmed'
            ELSE 'probable' END AS grade,
       j.bytes AS bytes,
       CASE WHEN j.is_resolved = FALSE THEN 'mark-in-doubt'
            WHEN j.is_declared = FALSE THEN 'scope-not-declared'
            WHEN j.n_retaining > 0 THEN 'class-retains'
            WHEN j.n_absent_bundles < :min_bundles OR j.absent_secs < :grace_secs THEN 'absent-too-briefly'
            ELSE 'no-content' END AS cause,
       j.origin AS origin, j.n_absent_bundles AS n_absent_bundles, j.absent_secs AS absent_secs, j.age_secs AS age_secs, j.n_holds AS n_holds, j.n_clones AS n_clones
FROM judged AS j
WHERE j.age_secs >= :grace_secs
