WITH stranded AS (
  SELECT b.appliance AS appliance, b.parent AS parent, COUNT(*) AS n_volumes
  FROM blind_home AS b
  JOIN k8s_pv AS p ON p.cluster = b.cluster AND p.name = b.name
  WHERE b.parent IS NOT NULL AND p.phase = 'Bound' AND p.deleting_at IS NULL AND (p.share_path IS NULL OR b.n_named = 1)
  GROUP BY b.appliance, b.parent
),
wanted AS (
  SELECT c.appliance AS appliance, c.parent AS parent, 1 AS n_sure FROM class_parent AS c
  UNION ALL
  SELECT k.appliance AS appliance, k.parent AS parent, CASE WHEN k.is_inferred = TRUE THEN 1 ELSE 0 END AS n_sure
  FROM known_parent AS k
  UNION ALL
  SELECT s.appliance AS appliance, s.parent AS parent, 1 AS n_sure FROM stranded AS s
),
parent AS (
  SELECT w.appliance AS appliance, w.parent AS parent, MAX(w.n_sure) AS n_sure
  FROM wanted AS w
  GROUP BY w.appliance, w.parent
),
visible AS (
  SELECT s.appliance AS appliance, MIN(CASE WHEN s.is_usable = TRUE THEN 1 ELSE 0 END) AS n_usable
  FROM pool_state AS s
  GROUP BY s.appliance
),
shown AS (
  SELECT d.appliance AS appliance, COUNT(*) AS n_datasets FROM zfs_dataset AS d GROUP BY d.appliance
),
judged AS (
  SELECT p.appliance AS appliance, p.parent AS parent, p.n_sure AS n_sure,
         CASE WHEN d.path IS NULL AND b.pool IS NOT NULL THEN 'pool-not-imported'
              WHEN d.path IS NULL AND v.n_usable = 1 AND h.n_datasets IS NOT NULL THEN 'missing'
              WHEN d.is_locked = TRUE THEN 'locked'
              WHEN d.is_readonly = TRUE THEN 'readonly'
              ELSE 'usable' END AS cause
  FROM parent AS p
  LEFT JOIN zfs_dataset AS d ON d.appliance = p.appliance AND d.path = p.parent
  LEFT JOIN blind_dataset AS b ON b.appliance = p.appliance AND b.path = p.parent
  LEFT JOIN visible AS v ON v.appliance = p.appliance
  LEFT JOIN shown AS h ON h.appliance = p.appliance
),
volume AS (
  SELECT i.appliance AS appliance, i.parent AS parent, SUM(i.n_volumes) AS n_volumes
  FROM inferred_parent AS i
  GROUP BY i.appliance, i.parent
)
SELECT j.parent AS subject, 'zfs_dataset' AS subject_table, j.appliance AS appliance,
       CASE WHEN j.n_sure = 1 THEN 'confirmed' ELSE 'probable' END AS grade, j.cause AS evidence_class,
       j.cause AS cause, COALESCE(v.n_volumes, t.n_volumes, 0) AS n_volumes
FROM judged AS j
LEFT JOIN volume AS v ON v.appliance = j.appliance AND v.parent = j.parent
LEFT JOIN stranded AS t ON t.appliance = j.appliance AND t.parent = j.parent
WHERE j.cause <> 'usable'
