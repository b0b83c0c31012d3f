-- Provisioning by drivers of TrueNAS as the objects date it: from the claim, or from the choice of a node where the class
-- waits for one, to the volume. Without the time of the choice there is no duration, and no row. `source` is
-- that of `claim_source`.
WITH made AS (
  SELECT p.cluster AS cluster, p.driver AS driver, s.name AS storage_class,
         m.source AS source,
         p.created_at AS ended_at,
         CASE WHEN s.binding_mode = 'WaitForFirstConsumer' THEN c.node_selected_at ELSE c.created_at END AS asked_at
  FROM k8s_pv AS p
  JOIN storage_driver AS d ON d.cluster = p.cluster AND d.driver = p.driver
  JOIN k8s_pvc AS c ON c.cluster = p.cluster AND c.uid = p.claim_uid
  JOIN k8s_storage_class AS s ON s.cluster = c.cluster AND s.name = c.storage_class
  JOIN claim_source AS m ON m.cluster = c.cluster AND m.uid = c.uid
  WHERE COALESCE(p.is_static, FALSE) = FALSE
)
SELECT m.cluster AS cluster, m.driver AS driver, m.storage_class AS storage_class, m.source AS source,
       m.ended_at AS ended_at, m.ended_at - m.asked_at AS lasted_secs
FROM made AS m
WHERE m.ended_at >= m.asked_at
