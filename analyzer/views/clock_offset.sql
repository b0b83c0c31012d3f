-- How far the clock of a cluster or an appliance is ahead of its collector's.
SELECT s.cluster AS cluster, s.appliance AS appliance, MIN(s.server_at - s.started_at) AS offset_secs
FROM collect_status AS s
WHERE s.pass = 1 AND s.server_at IS NOT NULL
GROUP BY s.cluster, s.appliance
