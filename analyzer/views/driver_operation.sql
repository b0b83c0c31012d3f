-- Provisioning and attaching as objects date them: from the moment the sidecar may begin to the moment it is done.
SELECT p.cluster AS cluster, p.driver AS driver, 'provisioner' AS role, p.ended_at AS ended_at,
       p.lasted_secs AS lasted_secs
FROM provision_operation AS p
UNION ALL
SELECT t.cluster AS cluster, t.driver AS driver, 'attacher' AS role, t.ended_at AS ended_at, t.lasted_secs AS lasted_secs
FROM attach_operation AS t
