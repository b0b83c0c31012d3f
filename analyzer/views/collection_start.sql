-- The first read of the collections that the tables come from. What is younger may be missing on the other side.
WITH newest AS (
  SELECT b.cluster AS cluster, MAX(b.started_at) AS started_at FROM bundle AS b GROUP BY b.cluster
),
moment AS (
  SELECT n.started_at AS started_at FROM newest AS n
  UNION ALL
  SELECT s.started_at AS started_at FROM collect_status AS s
)
SELECT MIN(m.started_at) AS starts_at FROM moment AS m
