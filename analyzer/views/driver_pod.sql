-- Pods of these workloads; those of a deployment belong to one of its replica sets.
WITH owner AS (
  SELECT w.cluster AS cluster, w.uid AS owner_uid, w.uid AS workload_uid FROM driver_workload AS w
  UNION ALL
  SELECT s.cluster AS cluster, s.uid AS owner_uid, w.uid AS workload_uid
  FROM k8s_workload AS s
  JOIN driver_workload AS w ON w.cluster = s.cluster AND w.uid = s.owner_uid
  WHERE s.kind = 'ReplicaSet'
)
SELECT p.cluster AS cluster, o.workload_uid AS workload_uid, p.uid AS uid, p.created_at AS created_at,
       p.is_ready AS is_ready, p.n_restarts AS n_restarts, p.container_ended_at AS container_ended_at,
       p.n_containers AS n_containers, p.cpu_request_millicores AS cpu_request_millicores,
       p.memory_request_bytes AS memory_request_bytes, p.memory_limit_bytes AS memory_limit_bytes
FROM k8s_pod AS p
JOIN owner AS o ON o.cluster = p.cluster AND o.owner_uid = p.owner_uid
WHERE p.deleting_at IS NULL AND p.phase IN ('Pending', 'Running', 'Unknown')
