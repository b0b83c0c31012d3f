-- Whether a pool can show its datasets; what is below any other pool is unknown, not gone.
SELECT p.appliance AS appliance, p.name AS pool, p.status AS status,
       CASE WHEN p.status IN ('ONLINE', 'DEGRADED') THEN TRUE ELSE FALSE END AS is_usable
FROM nas_pool AS p
