-- Workloads that run the driver of volumes on TrueNAS, with what their pod templates say.
WITH role AS (
  SELECT c.cluster AS cluster, c.workload_uid AS workload_uid, c.driver AS driver,
         MAX(CASE WHEN c.role IN ('democratic-csi', 'truenas-csi', 'tns-csi') THEN 1 ELSE 0 END) AS n_drivers,
         MAX(CASE WHEN c.role IN ('provisioner', 'attacher', 'resizer', 'snapshotter') THEN 1 ELSE 0 END) AS n_sidecars,
         SUM(CASE WHEN c.has_floating_tag = TRUE THEN 1 ELSE 0 END) AS n_floating_tags,
         MAX(CASE WHEN c.role IN ('democratic-csi', 'truenas-csi', 'tns-csi') THEN c.version ELSE NULL END) AS version
  FROM k8s_csi_container AS c
  GROUP BY c.cluster, c.workload_uid, c.driver
)
SELECT w.cluster AS cluster, w.uid AS uid, w.kind AS kind, w.namespace AS namespace, w.name AS name,
       w.n_replicas AS n_replicas, r.driver AS driver, r.version AS version, r.n_floating_tags AS n_floating_tags,
       CASE WHEN r.n_sidecars = 1 THEN TRUE ELSE FALSE END AS is_controller
FROM role AS r
JOIN k8s_workload AS w ON w.cluster = r.cluster AND w.uid = r.workload_uid
WHERE r.n_drivers = 1 AND w.kind IN ('Deployment', 'StatefulSet', 'DaemonSet') AND w.deleting_at IS NULL
