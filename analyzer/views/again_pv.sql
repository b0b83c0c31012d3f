-- Volumes that may be judged: both reads agree, and they are older than the collection.
SELECT p.cluster AS cluster, p.uid AS uid
FROM k8s_pv AS p
JOIN again AS g ON g.cluster = p.cluster AND g.uid = p.uid AND g.phase = p.phase
WHERE g.list = 'persistentvolumes' AND COALESCE(p.created_at, 0) <= g.settled_at
  AND g.is_deleting = CASE WHEN p.deleting_at IS NULL THEN FALSE ELSE TRUE END
GROUP BY p.cluster, p.uid
