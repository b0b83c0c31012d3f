-- Starts of pods that use volumes on TrueNAS, once for each driver of them.
WITH mounting AS (
  SELECT v.cluster AS cluster, v.pod_uid AS uid, p.driver AS driver
  FROM k8s_pod_volume AS v
  JOIN k8s_pvc AS c ON c.cluster = v.cluster AND c.namespace = v.namespace AND c.name = v.claim
  JOIN k8s_pv AS p ON p.cluster = c.cluster AND p.name = c.volume_name
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  GROUP BY v.cluster, v.pod_uid, p.driver
)
SELECT s.cluster AS cluster, s.uid AS uid, m.driver AS driver, s.node AS node, s.started_at AS started_at,
       s.lasted_secs AS lasted_secs
FROM pod_start AS s
JOIN mounting AS m ON m.cluster = s.cluster AND m.uid = s.uid
