-- Claims that something names: a pod that has not ended, the template of a workload (which may be scaled to zero or
-- suspended), a virtual machine whether or not it runs, or a data volume.
WITH live AS (
  SELECT p.cluster AS cluster, p.uid AS uid FROM k8s_pod AS p WHERE p.phase <> 'Succeeded' AND p.phase <> 'Failed'
),
named AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim
  FROM k8s_pod_volume AS v
  JOIN live AS p ON p.cluster = v.cluster AND p.uid = v.pod_uid
  UNION ALL
  SELECT w.cluster AS cluster, w.namespace AS namespace, w.claim AS claim FROM k8s_workload_volume AS w
  UNION ALL
  SELECT m.cluster AS cluster, m.namespace AS namespace, m.claim AS claim FROM k8s_virtual_machine_volume AS m
  UNION ALL
  SELECT d.cluster AS cluster, d.namespace AS namespace, d.claim AS claim FROM k8s_data_volume AS d
)
SELECT n.cluster AS cluster, n.namespace AS namespace, n.claim AS claim, COUNT(*) AS n_consumers
FROM named AS n
GROUP BY n.cluster, n.namespace, n.claim
