-- Restore points with whether what they stand on was seen: it is there, it is gone, or nobody can tell from here.
WITH seen AS (
  SELECT l.cluster AS cluster, l.name AS name, COUNT(*) AS n_rows FROM live_content AS l GROUP BY l.cluster, l.name
),
lost AS (
  SELECT l.cluster AS cluster, l.name AS name, COUNT(*) AS n_rows FROM lost_content AS l GROUP BY l.cluster, l.name
)
SELECT r.cluster AS cluster, r.namespace AS namespace, r.name AS name, r.created_at AS created_at, r.taken_at AS taken_at,
       r.size_bytes AS size_bytes, r.driver AS driver,
       CASE WHEN l.n_rows IS NOT NULL THEN 'gone' WHEN s.n_rows IS NOT NULL THEN 'seen' ELSE 'not-judged' END AS backing
FROM restore_point AS r
LEFT JOIN seen AS s ON s.cluster = r.cluster AND s.name = r.content
LEFT JOIN lost AS l ON l.cluster = r.cluster AND l.name = r.content
