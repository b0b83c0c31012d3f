-- Snapshot contents that may be judged: both reads agree, and they are older than the collection.
SELECT s.cluster AS cluster, s.uid AS uid
FROM k8s_volume_snapshot_content AS s
JOIN again AS g ON g.cluster = s.cluster AND g.uid = s.uid
WHERE g.list = 'volumesnapshotcontents' AND g.phase = 'other' AND COALESCE(s.created_at, 0) <= g.settled_at
  AND g.is_deleting = CASE WHEN s.deleting_at IS NULL THEN FALSE ELSE TRUE END
GROUP BY s.cluster, s.uid
