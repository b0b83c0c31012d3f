-- Volumes and contents that may be judged: both reads agree, and they are older than the collection.
WITH subject AS (
  SELECT p.cluster AS cluster, 'persistentvolumes' AS list, p.uid AS uid, p.phase AS phase, p.created_at AS created_at,
         CASE WHEN p.deleting_at IS NULL THEN FALSE ELSE TRUE END AS is_deleting
  FROM k8s_pv AS p
  UNION ALL
  SELECT c.cluster AS cluster, 'volumesnapshotcontents' AS list, c.uid AS uid, 'other' AS phase,
         c.created_at AS created_at, CASE WHEN c.deleting_at IS NULL THEN FALSE ELSE TRUE END AS is_deleting
  FROM k8s_volume_snapshot_content AS c
),
agreed AS (
  SELECT s.cluster AS cluster, s.list AS list, s.uid AS uid, s.created_at AS created_at
  FROM subject AS s
  JOIN k8s_again AS g
    ON g.cluster = s.cluster AND g.list = s.list AND g.uid = s.uid AND g.phase = s.phase
   AND g.is_deleting = s.is_deleting
)
SELECT t.cluster AS cluster, t.list AS list, t.uid AS uid
FROM agreed AS t
CROSS JOIN collection_start AS w
LEFT JOIN clock_offset AS o ON o.cluster = t.cluster
WHERE COALESCE(t.created_at, 0) <= COALESCE(w.starts_at, 9999999999) + COALESCE(o.offset_secs, 0)
GROUP BY t.cluster, t.list, t.uid
