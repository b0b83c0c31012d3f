-- Drivers and classes of the volumes on TrueNAS that a pod uses.
WITH mounted AS (
  SELECT v.cluster AS cluster, v.pod_uid AS uid, p.driver AS driver, p.storage_class AS class
  FROM k8s_pod_volume AS v
  JOIN k8s_pvc AS c ON c.cluster = v.cluster AND c.namespace = v.namespace AND c.name = v.claim
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
)
SELECT m.cluster AS cluster, m.uid AS uid, m.driver AS driver, m.class AS class
FROM mounted AS m
GROUP BY m.cluster, m.uid, m.driver, m.class
