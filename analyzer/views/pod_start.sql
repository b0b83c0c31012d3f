-- Starts of pods as the objects date them: from being placed on a node to the first container. A container that restarted
-- hides the first start; pods of daemon sets and of nodes start with the node.
SELECT p.cluster AS cluster, p.uid AS uid, p.node AS node, p.started_at AS started_at,
       p.started_at - p.scheduled_at AS lasted_secs
FROM k8s_pod AS p
WHERE p.node IS NOT NULL AND p.started_at >= p.scheduled_at AND p.n_restarts = 0
  AND COALESCE(p.owner_kind, 'other') <> 'DaemonSet' AND COALESCE(p.owner_kind, 'other') <> 'Node'
