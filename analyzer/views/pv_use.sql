-- PVs and the nodes that use them: by an attachment, or by a pod that has not ended. A pod that is not placed has no node.
SELECT v.cluster AS cluster, v.pv AS name, v.node AS node
FROM k8s_volume_attachment AS v
WHERE v.pv IS NOT NULL
UNION ALL
SELECT p.cluster AS cluster, p.name AS name, d.node AS node
FROM k8s_pv AS p
JOIN k8s_pod_volume AS u ON u.cluster = p.cluster AND u.namespace = p.claim_namespace AND u.claim = p.claim_name
JOIN k8s_pod AS d ON d.cluster = u.cluster AND d.uid = u.pod_uid
WHERE d.phase <> 'Succeeded' AND d.phase <> 'Failed'
