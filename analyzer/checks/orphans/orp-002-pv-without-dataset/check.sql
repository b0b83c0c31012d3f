WITH elsewhere AS (
  SELECT i.iqn_suffix AS iqn_suffix, i.appliance AS appliance
  FROM iscsi_chain AS i
  LEFT JOIN known_parent AS k ON k.appliance = i.appliance AND k.parent = i.disk_parent
  WHERE i.disk_parent IS NOT NULL AND k.parent IS NULL
),
backed AS (
  SELECT v.cluster AS cluster, v.name AS name
  FROM volume_join AS v
  WHERE v.n_path + v.n_share + v.n_target > 0
),
renamed AS (
  SELECT v.cluster AS cluster, v.name AS name, COUNT(*) AS n_same_name
  FROM volume_join AS v
  WHERE v.n_path + v.n_share + v.n_target = 0
  GROUP BY v.cluster, v.name
),
placed AS (
  SELECT c.cluster AS cluster, c.name AS name, COUNT(*) AS n_appliances
  FROM covered_pv AS c
  GROUP BY c.cluster, c.name
),
expected AS (
  SELECT p.cluster AS cluster, p.name AS name, p.phase AS phase, p.capacity_bytes AS capacity_bytes,
         p.protocol AS protocol, p.iqn_suffix AS iqn_suffix, c.appliance AS appliance, c.is_by_host AS is_by_host
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  JOIN covered_pv AS c ON c.cluster = p.cluster AND c.name = p.name
  JOIN placed AS n ON n.cluster = p.cluster AND n.name = p.name
  JOIN visible_driver AS v ON v.cluster = p.cluster AND v.driver = p.driver AND v.appliance = c.appliance
  WHERE p.family IN ('democratic-csi', 'zfs-generic', 'truenas-csi') AND p.phase IN ('Bound', 'Released')
    AND p.handle_leaf IS NOT NULL AND n.n_appliances = 1
),
in_sight AS (
  SELECT e.* FROM expected AS e ANTI JOIN blind_volume AS x ON x.cluster = e.cluster AND x.name = e.name
),
missing AS (
  SELECT e.* FROM in_sight AS e ANTI JOIN backed AS b ON b.cluster = e.cluster AND b.name = e.name
),
judged AS (
  SELECT e.* FROM missing AS e ANTI JOIN elsewhere AS x ON x.appliance = e.appliance AND x.iqn_suffix = e.iqn_suffix
)
SELECT e.name AS subject, 'k8s_pv' AS subject_table, e.appliance AS appliance,
       CASE WHEN r.n_same_name IS NOT NULL OR e.is_by_host = FALSE THEN 'probable' ELSE 'confirmed' END AS grade,
       CASE WHEN e.phase = 'Bound' THEN 'critical' ELSE 'medium' END AS severity,
       e.capacity_bytes AS bytes, e.cluster AS cluster, e.phase AS phase, e.protocol AS protocol,
       e.is_by_host AS is_appliance_named, COALESCE(r.n_same_name, 0) AS n_datasets_with_its_name
FROM judged AS e
LEFT JOIN renamed AS r ON r.cluster = e.cluster AND r.name = e.name
