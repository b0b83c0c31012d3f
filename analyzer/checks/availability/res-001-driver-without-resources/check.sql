WITH pods AS (
  SELECT p.cluster AS cluster, p.workload_uid AS workload_uid, COUNT(*) AS n_pods,
         SUM(CASE WHEN p.memory_request_bytes IS NULL THEN 1 ELSE 0 END) AS n_without_memory_request,
         SUM(CASE WHEN p.cpu_request_millicores IS NULL THEN 1 ELSE 0 END) AS n_without_cpu_request,
         SUM(CASE WHEN p.memory_limit_bytes IS NULL THEN 1 ELSE 0 END) AS n_without_memory_limit
  FROM driver_pod AS p
  WHERE p.n_containers > 0
  GROUP BY p.cluster, p.workload_uid
)
SELECT w.uid AS subject, 'k8s_workload' AS subject_table, w.cluster AS cluster,
       CASE WHEN p.n_without_memory_request > 0 OR p.n_without_cpu_request > 0 THEN 'medium' ELSE 'low' END AS severity,
       w.kind AS kind, w.namespace AS namespace, w.driver AS driver, w.is_controller AS is_controller, p.n_pods AS n_pods,
       p.n_without_memory_request AS n_without_memory_request, p.n_without_cpu_request AS n_without_cpu_request,
       p.n_without_memory_limit AS n_without_memory_limit
FROM driver_workload AS w
JOIN pods AS p ON p.cluster = w.cluster AND p.workload_uid = w.uid
WHERE p.n_without_memory_request > 0 OR p.n_without_cpu_request > 0 OR p.n_without_memory_limit > 0
