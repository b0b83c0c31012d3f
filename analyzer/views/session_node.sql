-- Sessions and the node that each comes from: its address is that of one node only, or its initiator is known for one only,
-- from sessions of that address or from volumes that one node alone uses.
WITH address AS (
  SELECT a.cluster AS cluster, a.node AS node, a.host AS host FROM k8s_node_address AS a
  GROUP BY a.cluster, a.node, a.host
),
single AS (
  SELECT a.host AS host, COUNT(*) AS n_nodes FROM address AS a GROUP BY a.host
),
by_address AS (
  SELECT s.appliance AS appliance, s.path AS path, s.initiator_base AS initiator_base,
         s.initiator_suffix AS initiator_suffix, a.cluster AS cluster, a.node AS node, s.seen_since_at AS seen_since_at
  FROM block_session AS s
  JOIN address AS a ON a.host = s.host
  JOIN single AS n ON n.host = s.host
  WHERE n.n_nodes = 1
),
alone AS (
  SELECT u.appliance AS appliance, u.path AS path, COUNT(*) AS n_nodes FROM used_volume AS u
  GROUP BY u.appliance, u.path
),
hint AS (
  SELECT b.initiator_base AS initiator_base, b.initiator_suffix AS initiator_suffix, b.cluster AS cluster, b.node AS node
  FROM by_address AS b
  UNION ALL
  SELECT s.initiator_base AS initiator_base, s.initiator_suffix AS initiator_suffix, u.cluster AS cluster, u.node AS node
  FROM block_session AS s
  JOIN alone AS n ON n.appliance = s.appliance AND n.path = s.path
  JOIN used_volume AS u ON u.appliance = s.appliance AND u.path = s.path
  WHERE n.n_nodes = 1 AND u.node IS NOT NULL
),
learnt AS (
  SELECT h.initiator_base AS initiator_base, h.initiator_suffix AS initiator_suffix, h.cluster AS cluster, h.node AS node
  FROM hint AS h
  WHERE h.initiator_suffix IS NOT NULL
  GROUP BY h.initiator_base, h.initiator_suffix, h.cluster, h.node
),
unique_one AS (
  SELECT l.initiator_base AS initiator_base, l.initiator_suffix AS initiator_suffix, COUNT(*) AS n_nodes
  FROM learnt AS l
  GROUP BY l.initiator_base, l.initiator_suffix
),
placed AS (
  SELECT b.appliance AS appliance, b.path AS path, b.cluster AS cluster, b.node AS node,
         b.seen_since_at AS seen_since_at
  FROM by_address AS b
  UNION ALL
  SELECT s.appliance AS appliance, s.path AS path, l.cluster AS cluster, l.node AS node,
         s.seen_since_at AS seen_since_at
  FROM block_session AS s
  JOIN learnt AS l ON l.initiator_base = s.initiator_base AND l.initiator_suffix = s.initiator_suffix
  JOIN unique_one AS o ON o.initiator_base = s.initiator_base AND o.initiator_suffix = s.initiator_suffix
  LEFT JOIN single AS n ON n.host = s.host
  WHERE o.n_nodes = 1 AND n.n_nodes IS NULL
)
SELECT p.appliance AS appliance, p.path AS path, p.cluster AS cluster, p.node AS node, COUNT(*) AS n_paths,
       MIN(p.seen_since_at) AS seen_since_at
FROM placed AS p
GROUP BY p.appliance, p.path, p.cluster, p.node
