-- Snapshot contents that may be judged: both reads agree, and they are older than the collection.
WITH first AS (
  SELECT s.cluster AS cluster, s.uid AS uid, 'other' AS phase, s.created_at AS created_at,
         CASE WHEN s.deleting_at IS NULL THEN FALSE ELSE TRUE END AS is_deleting
  FROM k8s_volume_snapshot_content AS s
),
agreed AS (
  SELECT f.cluster AS cluster, f.uid AS uid, f.created_at AS created_at
  FROM first AS f
  JOIN k8s_again AS g
    ON g.cluster = f.cluster AND g.uid = f.uid AND g.phase = f.phase AND g.is_deleting = f.is_deleting
  WHERE g.list = 'volumesnapshotcontents'
)
SELECT t.cluster AS cluster, t.uid AS uid
FROM agreed AS t
CROSS JOIN collection_start AS w
LEFT JOIN clock_offset AS o ON o.cluster = t.cluster
WHERE COALESCE(t.created_at, 0) <= COALESCE(w.starts_at, 9999999999) + COALESCE(o.offset_secs, 0)
GROUP BY t.cluster, t.uid
