-- Parents that classes and the vendor's operator name, with the appliance: that of the driver's volumes, else that of the
-- only operator in the cluster.
WITH home AS (
  SELECT i.cluster AS cluster, i.driver AS driver, i.appliance AS appliance, COUNT(*) AS n_parents
  FROM inferred_parent AS i
  GROUP BY i.cluster, i.driver, i.appliance
),
homes AS (
  SELECT h.cluster AS cluster, h.driver AS driver, COUNT(*) AS n_appliances FROM home AS h GROUP BY h.cluster, h.driver
),
operator AS (
  SELECT t.cluster AS cluster, t.default_pool AS default_pool, a.appliance AS appliance
  FROM k8s_truenas_csi AS t
  JOIN nas_address AS a ON a.host = t.server_host
  WHERE t.deleting_at IS NULL
),
operators AS (
  SELECT o.cluster AS cluster, COUNT(*) AS n_appliances FROM operator AS o GROUP BY o.cluster
)
SELECT s.cluster AS cluster, h.appliance AS appliance, s.dataset_parent AS parent, 'class' AS origin
FROM k8s_storage_class AS s
JOIN home AS h ON h.cluster = s.cluster AND h.driver = s.provisioner
JOIN homes AS n ON n.cluster = s.cluster AND n.driver = s.provisioner
WHERE s.dataset_parent IS NOT NULL AND n.n_appliances = 1
UNION ALL
SELECT s.cluster AS cluster, o.appliance AS appliance, s.dataset_parent AS parent, 'class' AS origin
FROM k8s_storage_class AS s
JOIN operator AS o ON o.cluster = s.cluster
JOIN operators AS n ON n.cluster = s.cluster
LEFT JOIN homes AS h ON h.cluster = s.cluster AND h.driver = s.provisioner
WHERE s.dataset_parent IS NOT NULL AND n.n_appliances = 1 AND h.n_appliances IS NULL
UNION ALL
SELECT o.cluster AS cluster, o.appliance AS appliance, o.default_pool AS parent, 'operator' AS origin
FROM operator AS o
WHERE o.default_pool IS NOT NULL
