WITH filled AS (
  SELECT t.appliance AS appliance, t.pool AS pool,
         CAST(FLOOR(r.used_bytes * 100.0 / NULLIF(r.used_bytes + r.available_bytes, 0)) AS BIGINT) AS used_percent
  FROM pool_state AS t
  JOIN zfs_dataset_space AS r ON r.appliance = t.appliance AND r.path = t.pool
  WHERE t.is_usable = TRUE AND r.used_bytes * 100.0 > (r.used_bytes + r.available_bytes) * 1.0 * :min_fill_percent
),
reserved AS (
  SELECT p.cluster AS cluster, p.driver AS driver, d.appliance AS place, d.pool AS pool
  FROM k8s_pv AS p
  JOIN volume_join AS v ON v.cluster = p.cluster AND v.name = p.name
  JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path
  WHERE p.driver IS NOT NULL AND (d.refreservation_bytes > 0 OR d.reservation_bytes > 0)
),
thick AS (
  SELECT r.cluster AS cluster, r.driver AS driver, r.place AS place, r.pool AS pool, COUNT(*) AS n_volumes
  FROM reserved AS r
  GROUP BY r.cluster, r.driver, r.place, r.pool
),
told AS (
  SELECT c.cluster AS cluster, c.driver AS driver FROM k8s_csi_storage_capacity AS c WHERE c.driver IS NOT NULL
  UNION ALL
  SELECT s.cluster AS cluster, s.provisioner AS driver
  FROM k8s_csi_storage_capacity AS c
  JOIN k8s_storage_class AS s ON s.cluster = c.cluster AND s.name = c.storage_class
),
silent AS (
  SELECT x.cluster AS cluster, x.name AS name
  FROM k8s_csi_driver AS x
  ANTI JOIN told AS t ON t.cluster = x.cluster AND t.driver = x.name
  WHERE x.has_storage_capacity = FALSE
)
SELECT s.name AS subject, 'k8s_csi_driver' AS subject_table, s.cluster AS cluster, f.pool AS evidence_class,
       f.appliance AS appliance, f.pool AS pool, f.used_percent AS used_percent, h.n_volumes AS n_volumes
FROM silent AS s
JOIN thick AS h ON h.cluster = s.cluster AND h.driver = s.name
JOIN filled AS f ON f.appliance = h.place AND f.pool = h.pool
