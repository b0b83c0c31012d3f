WITH volume AS (
  SELECT v.appliance AS appliance, v.path AS path, p.cluster AS cluster, p.name AS name, p.phase AS phase,
         p.capacity_bytes AS capacity_bytes
  FROM volume_join AS v
  JOIN k8s_pv AS p ON p.cluster = v.cluster AND p.name = v.name
  JOIN k8s_csi_driver AS d ON d.cluster = p.cluster AND d.name = p.driver
  JOIN settled_dataset AS t ON t.appliance = v.appliance AND t.path = v.path
  WHERE d.is_attach_required = TRUE AND COALESCE(p.provisioner, 'other') <> 'node-manual'
),
stale AS (
  SELECT s.appliance AS appliance, s.path AS path, s.cluster AS cluster, s.node AS node, s.n_paths AS n_paths,
         s.seen_since_at AS seen_since_at
  FROM session_node AS s
  ANTI JOIN used_volume AS u
    ON u.appliance = s.appliance AND u.path = s.path AND u.cluster = s.cluster AND u.node = s.node
),
elsewhere AS (
  SELECT u.appliance AS appliance, u.path AS path, COUNT(*) AS n_uses FROM used_volume AS u
  GROUP BY u.appliance, u.path
),
attached AS (
  SELECT h.cluster AS cluster, h.pv AS pv, h.node AS node, MAX(h.last_seen_at) AS last_seen_at
  FROM history_attachment AS h
  GROUP BY h.cluster, h.pv, h.node
),
since AS (
  SELECT s.appliance AS appliance, s.path AS path, s.cluster AS cluster, s.node AS node,
         CASE WHEN MAX(COALESCE(t.last_seen_at, 0)) >= MIN(s.seen_since_at) THEN MAX(t.last_seen_at) + 1
              ELSE MIN(s.seen_since_at) END AS stale_from
  FROM stale AS s
  JOIN volume AS v ON v.appliance = s.appliance AND v.path = s.path AND v.cluster = s.cluster
  LEFT JOIN attached AS t ON t.cluster = v.cluster AND t.pv = v.name AND t.node = s.node
  GROUP BY s.appliance, s.path, s.cluster, s.node
),
by_session AS (
  SELECT s.appliance AS appliance, s.path AS path, s.cluster AS cluster, s.node AS node, COUNT(*) AS n_bundles
  FROM since AS s
  JOIN bundle_list AS b ON b.appliance = s.appliance AND b.ended_at >= s.stale_from
  WHERE b.table_name = 'nas_iscsi_session'
  GROUP BY s.appliance, s.path, s.cluster, s.node
),
by_attachment AS (
  SELECT s.appliance AS appliance, s.path AS path, s.cluster AS cluster, s.node AS node, COUNT(*) AS n_bundles
  FROM since AS s
  JOIN bundle_list AS b ON b.cluster = s.cluster AND b.ended_at >= s.stale_from
  WHERE b.table_name = 'k8s_volume_attachment'
  GROUP BY s.appliance, s.path, s.cluster, s.node
),
counted AS (
  SELECT x.appliance AS appliance, x.path AS path, x.cluster AS cluster, x.node AS node,
         CASE WHEN y.n_bundles < x.n_bundles THEN y.n_bundles ELSE x.n_bundles END AS n_bundles
  FROM by_session AS x
  JOIN by_attachment AS y ON y.appliance = x.appliance AND y.path = x.path AND y.cluster = x.cluster AND y.node = x.node
)
SELECT v.name AS subject, 'k8s_pv' AS subject_table, s.appliance AS appliance, s.node AS evidence_class,
       CASE WHEN e.n_uses IS NOT NULL OR COALESCE(n.n_bundles, 0) < :min_bundles THEN 'candidate'
            WHEN n.n_bundles >= :confirm_bundles THEN 'confirmed'
            ELSE 'probable' END AS grade,
       v.capacity_bytes AS bytes, s.cluster AS cluster, s.node AS node, s.path AS dataset, v.phase AS phase,
       s.n_paths AS n_paths, COALESCE(e.n_uses, 0) AS n_other_uses,
       COALESCE(n.n_bundles, 0) AS n_bundles
FROM stale AS s
JOIN volume AS v ON v.appliance = s.appliance AND v.path = s.path AND v.cluster = s.cluster
LEFT JOIN elsewhere AS e ON e.appliance = s.appliance AND e.path = s.path
LEFT JOIN counted AS n ON n.appliance = s.appliance AND n.path = s.path AND n.cluster = s.cluster AND n.node = s.node
