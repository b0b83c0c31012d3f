-- PVs of earlier bundles that their cluster no longer has, and the bundles since with a complete list of them.
WITH gone AS (
  SELECT h.cluster AS cluster, h.name AS name, h.iqn_suffix AS iqn_suffix, h.handle_leaf AS handle_leaf, h.share_path AS share_path,
         MAX(h.last_seen_at) AS last_seen_at
  FROM history_pv AS h
  ANTI JOIN k8s_pv AS p ON p.cluster = h.cluster AND p.name = h.name
  GROUP BY h.cluster, h.name, h.iqn_suffix, h.handle_leaf, h.share_path
)
SELECT g.cluster AS cluster, g.name AS name, g.iqn_suffix AS iqn_suffix, g.handle_leaf AS handle_leaf,
       g.share_path AS share_path, g.last_seen_at AS last_seen_at, COUNT(*) AS n_bundles, MIN(b.started_at) AS started_at
FROM gone AS g
JOIN bundle_list AS b ON b.cluster = g.cluster
WHERE b.table_name = 'k8s_pv' AND b.ended_at > g.last_seen_at
GROUP BY g.cluster, g.name, g.iqn_suffix, g.handle_leaf, g.share_path, g.last_seen_at
