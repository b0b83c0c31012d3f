-- Addresses and ports under which each target can be reached. Known addresses hold no wildcard, so a portal address that
-- is not among them is one. Releases that keep one port for all portals tell it with the service.
SELECT g.appliance AS appliance, g.target_id AS target_id, p.host AS host,
       CASE WHEN s.listen_port IS NULL THEN p.port ELSE s.listen_port END AS port,
       CASE WHEN a.origin IS NULL THEN TRUE ELSE FALSE END AS is_wildcard
FROM nas_iscsi_target_group AS g
JOIN nas_iscsi_portal_address AS p ON p.appliance = g.appliance AND p.portal_id = g.portal_id
LEFT JOIN nas_address AS a ON a.appliance = p.appliance AND a.host = p.host
LEFT JOIN nas_iscsi_global AS s ON s.appliance = g.appliance
