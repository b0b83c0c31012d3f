-- Parents whose clusters are all declared and all collected, with the age of the oldest of their newest bundles.
WITH entry AS (
  SELECT s.parent AS parent, s.cluster AS name, MIN(CASE WHEN s.is_complete = TRUE THEN 1 ELSE 0 END) AS n_complete
  FROM collect_scope AS s
  GROUP BY s.parent, s.cluster
),
newest AS (
  SELECT b.cluster AS cluster, MAX(b.ended_at) AS ended_at FROM bundle AS b GROUP BY b.cluster
),
collected AS (
  SELECT k.name AS name, MIN(n.ended_at) AS ended_at
  FROM k8s_cluster AS k
  JOIN newest AS n ON n.cluster = k.cluster
  GROUP BY k.name
),
matched AS (
  SELECT e.parent AS parent, e.n_complete AS n_complete, c.ended_at AS ended_at
  FROM entry AS e
  LEFT JOIN collected AS c ON c.name = e.name
),
counted AS (
  SELECT m.parent AS parent, MIN(m.n_complete) AS n_complete, COUNT(*) AS n_clusters,
         COUNT(m.ended_at) AS n_collected, MIN(m.ended_at) AS oldest_ended_at
  FROM matched AS m
  GROUP BY m.parent
)
SELECT c.parent AS parent, c.n_clusters AS n_clusters, c.oldest_ended_at AS oldest_ended_at
FROM counted AS c
WHERE c.n_complete = 1 AND c.n_clusters = c.n_collected
