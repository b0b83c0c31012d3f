-- How long each driver-made snapshot has been without a content: the bundles of every cluster with a complete list of
-- contents since its content was last seen, or since it was first seen. The cluster that looked least often decides.
WITH seen AS (
  SELECT u.appliance AS appliance, u.subject AS subject, h.last_seen_at AS last_seen_at
  FROM unclaimed_snapshot AS u
  JOIN history_content AS h ON h.snapshot = u.name
  UNION ALL
  SELECT u.appliance AS appliance, u.subject AS subject, h.last_seen_at AS last_seen_at
  FROM unclaimed_snapshot AS u
  JOIN history_content AS h ON h.detached_leaf = u.name
  UNION ALL
  SELECT u.appliance AS appliance, u.subject AS subject, h.last_seen_at AS last_seen_at
  FROM unclaimed_snapshot AS u
  JOIN history_content AS h ON h.snapshot_uid = u.uuid
),
last_seen AS (
  SELECT s.appliance AS appliance, s.subject AS subject, MAX(s.last_seen_at) AS last_seen_at
  FROM seen AS s
  GROUP BY s.appliance, s.subject
),
made AS (
  SELECT h.appliance AS appliance, h.dataset || '@' || h.name AS subject, h.first_seen_at AS first_seen_at
  FROM history_snapshot AS h
  UNION ALL
  SELECT h.appliance AS appliance, h.path AS subject, h.first_seen_at AS first_seen_at FROM history_dataset AS h
),
first_seen AS (
  SELECT m.appliance AS appliance, m.subject AS subject, MIN(m.first_seen_at) AS first_seen_at
  FROM made AS m
  GROUP BY m.appliance, m.subject
),
absent AS (
  SELECT u.appliance AS appliance, u.subject AS subject,
         CASE WHEN COALESCE(l.last_seen_at, 0) >= f.first_seen_at THEN l.last_seen_at + 1
              ELSE f.first_seen_at END AS absent_from
  FROM unclaimed_snapshot AS u
  JOIN first_seen AS f ON f.appliance = u.appliance AND f.subject = u.subject
  LEFT JOIN last_seen AS l ON l.appliance = u.appliance AND l.subject = u.subject
),
observed AS (
  SELECT a.appliance AS appliance, a.subject AS subject, b.cluster AS cluster, COUNT(*) AS n_bundles,
         MIN(b.started_at) AS started_at
  FROM absent AS a
  JOIN bundle_list AS b ON b.ended_at >= a.absent_from
  WHERE b.table_name = 'k8s_volume_snapshot_content'
  GROUP BY a.appliance, a.subject, b.cluster
),
agreed AS (
  SELECT o.appliance AS appliance, o.subject AS subject, COUNT(*) AS n_clusters, MIN(o.n_bundles) AS n_bundles,
         MAX(o.started_at) AS started_at
  FROM observed AS o
  GROUP BY o.appliance, o.subject
),
listed AS (
  SELECT COUNT(DISTINCT l.cluster) AS n_clusters
  FROM complete_list AS l
  WHERE l.table_name = 'k8s_volume_snapshot_content' AND l.is_complete = TRUE
)
SELECT g.appliance AS appliance, g.subject AS subject, g.n_bundles AS n_bundles, g.started_at AS started_at
FROM agreed AS g
CROSS JOIN listed AS t
WHERE g.n_clusters = t.n_clusters
