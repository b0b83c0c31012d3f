-- Claims that wait for a volume of a driver of TrueNAS. Those that an import fills are bound when it ends, and are not here
-- unless it failed.
WITH imported AS (
  SELECT v.cluster AS cluster, v.namespace AS namespace, v.claim AS claim
  FROM k8s_data_volume AS v
  WHERE COALESCE(v.phase, 'Pending') <> 'Failed'
),
pending AS (
  SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.uid AS uid, c.created_at AS created_at,
         c.node_selected_at AS node_selected_at, c.request_bytes AS request_bytes, c.storage_class AS storage_class,
         c.source_kind AS source_kind, s.provisioner AS driver, s.binding_mode AS binding_mode
  FROM k8s_pvc AS c
  JOIN k8s_storage_class AS s ON s.cluster = c.cluster AND s.name = c.storage_class
  JOIN storage_driver AS d ON d.cluster = s.cluster AND d.driver = s.provisioner
  WHERE c.phase = 'Pending' AND c.deleting_at IS NULL
)
SELECT p.* FROM pending AS p
ANTI JOIN imported AS i ON i.cluster = p.cluster AND i.namespace = p.namespace AND i.claim = p.name
