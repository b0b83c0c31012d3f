-- Through how many addresses each iSCSI target can be reached. A listener that is none of the appliance's addresses is
-- a wildcard: how many addresses it stands for is not known, and its targets are left out.
WITH way AS (
  SELECT g.appliance AS appliance, g.target_id AS target_id, a.host AS host
  FROM nas_iscsi_target_group AS g
  JOIN nas_iscsi_portal_address AS a ON a.appliance = g.appliance AND a.portal_id = g.portal_id
),
told AS (
  SELECT w.appliance AS appliance, w.target_id AS target_id, w.host AS host,
         CASE WHEN k.origin IS NULL THEN 1 ELSE 0 END AS n_wild
  FROM way AS w
  LEFT JOIN nas_address AS k ON k.appliance = w.appliance AND k.host = w.host
)
SELECT t.appliance AS appliance, t.target_id AS target_id, COUNT(DISTINCT t.host) AS n_addresses
FROM told AS t
GROUP BY t.appliance, t.target_id
HAVING MAX(t.n_wild) = 0
