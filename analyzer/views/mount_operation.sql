-- Starts of pods that use volumes on TrueNAS, once for each driver and class of them: from being placed on a node to the
-- first container, with attaching, mounting and pulling of images.
SELECT s.cluster AS cluster, s.uid AS uid, m.driver AS driver, m.class AS class, s.node AS node,
       s.started_at AS started_at, s.lasted_secs AS lasted_secs
FROM pod_start AS s
JOIN pod_mount AS m ON m.cluster = s.cluster AND m.uid = s.uid
