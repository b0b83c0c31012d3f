-- Claims for which a pod is waiting.
WITH waiting AS (
  SELECT p.cluster AS cluster, p.uid AS uid FROM k8s_pod AS p WHERE p.phase = 'Pending'
)
SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim, COUNT(*) AS n_pods
FROM k8s_pod_volume AS v
JOIN waiting AS p ON p.cluster = v.cluster AND p.uid = v.pod_uid
GROUP BY v.cluster, v.namespace, v.claim
