-- What the second reads showed, with the time up to which an object must have been made to be older than the collection, by
-- the clock of its cluster.
SELECT g.cluster AS cluster, g.list AS list, g.uid AS uid, g.phase AS phase, g.is_deleting AS is_deleting,
       COALESCE(w.starts_at, 9999999999) + COALESCE(o.offset_secs, 0) AS settled_at
FROM k8s_again AS g
CROSS JOIN collection_start AS w
LEFT JOIN clock_offset AS o ON o.cluster = g.cluster
