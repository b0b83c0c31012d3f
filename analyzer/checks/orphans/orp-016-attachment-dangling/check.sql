WITH attachment AS (
  SELECT v.cluster AS cluster, v.uid AS uid, v.pv AS pv, v.node AS node, v.driver AS driver, v.is_attached AS is_attached,
         v.has_detach_error AS has_detach_error,
         :now + COALESCE(o.offset_secs, 0) - v.deleting_at AS deleting_secs,
         :now + COALESCE(o.offset_secs, 0) - v.created_at AS age_secs
  FROM k8s_volume_attachment AS v
  CROSS JOIN collection_start AS w
  LEFT JOIN clock_offset AS o ON o.cluster = v.cluster
  WHERE v.created_at <= COALESCE(w.starts_at, 9999999999) + COALESCE(o.offset_secs, 0)
),
joined AS (
  SELECT n.cluster AS cluster, MAX(n.created_at) AS created_at FROM k8s_node AS n GROUP BY n.cluster
),
checked AS (
  SELECT a.*, :now + COALESCE(o.offset_secs, 0) - j.created_at AS joined_secs,
         CASE WHEN a.pv IS NULL OR p.uid IS NOT NULL THEN FALSE ELSE TRUE END AS is_pv_gone,
         CASE WHEN n.uid IS NULL THEN TRUE ELSE FALSE END AS is_node_gone,
         CASE WHEN d.uid IS NULL THEN TRUE ELSE FALSE END AS is_driver_gone
  FROM attachment AS a
  LEFT JOIN k8s_pv AS p ON p.cluster = a.cluster AND p.name = a.pv
  LEFT JOIN k8s_node AS n ON n.cluster = a.cluster AND n.name = a.node
  LEFT JOIN k8s_csi_driver AS d ON d.cluster = a.cluster AND d.name = a.driver
  LEFT JOIN joined AS j ON j.cluster = a.cluster
  LEFT JOIN clock_offset AS o ON o.cluster = a.cluster
),
named AS (
  SELECT c.*,
         CASE WHEN c.deleting_secs >= :detach_secs THEN 'detach-stuck'
              WHEN c.deleting_secs IS NOT NULL THEN 'none'
              WHEN c.is_node_gone = TRUE AND c.age_secs >= :node_secs AND COALESCE(c.joined_secs, :node_secs) >= :node_secs
                THEN 'node-gone'
              WHEN c.is_pv_gone = TRUE AND c.age_secs >= :node_secs THEN 'pv-gone'
              WHEN c.is_driver_gone = TRUE AND c.age_secs >= :node_secs THEN 'driver-gone'
              ELSE 'none' END AS cause
  FROM checked AS c
),
waiting AS (
  SELECT c.cluster AS cluster, c.volume_name AS pv, SUM(w.n_pods) AS n_pods
  FROM k8s_pvc AS c
  JOIN waiting_claim AS w ON w.cluster = c.cluster AND w.namespace = c.namespace AND w.claim = c.name
  GROUP BY c.cluster, c.volume_name
)
SELECT n.uid AS subject, 'k8s_volume_attachment' AS subject_table, n.cluster AS cluster,
       CASE WHEN w.n_pods IS NULL THEN 'medium' ELSE 'high' END AS severity, n.cause AS cause, n.pv AS pv, n.node AS node,
       n.driver AS driver, n.is_attached AS is_attached, n.has_detach_error AS has_detach_error,
       n.deleting_secs AS deleting_secs, n.age_secs AS age_secs, COALESCE(w.n_pods, 0) AS n_waiting_pods
FROM named AS n
LEFT JOIN waiting AS w ON w.cluster = n.cluster AND w.pv = n.pv
WHERE n.cause <> 'none'
