-- Taking of snapshots by drivers of TrueNAS as the objects date it: from the VolumeSnapshot to the moment on the appliance
-- that it shows. What the clock of an appliance is ahead of the cluster's in these bundles is taken off, and what is
-- left below nothing is nothing: without the quick ones the others would weigh too much. Detached snapshots copy data,
-- members of a group are named after it was taken, and adopted snapshots were there before.
WITH ahead AS (
  SELECT MAX(o.offset_secs) AS offset_secs FROM clock_offset AS o WHERE o.appliance IS NOT NULL
),
lead_of AS (
  SELECT s.cluster AS cluster, s.class AS class, s.created_at AS created_at, s.taken_at AS taken_at,
         COALESCE(a.offset_secs, 0) - COALESCE(o.offset_secs, 0) AS lead_secs
  FROM k8s_volume_snapshot AS s
  CROSS JOIN ahead AS a
  LEFT JOIN clock_offset AS o ON o.cluster = s.cluster
  WHERE s.taken_at IS NOT NULL AND s.source_claim IS NOT NULL AND s.group_snapshot IS NULL
),
taken AS (
  SELECT l.cluster AS cluster, k.driver AS driver, k.name AS class, l.created_at AS asked_at,
         l.taken_at - l.created_at - CASE WHEN l.lead_secs > 0 THEN l.lead_secs ELSE 0 END AS lasted_secs
  FROM lead_of AS l
  JOIN k8s_volume_snapshot_class AS k ON k.cluster = l.cluster AND k.name = l.class
  JOIN storage_driver AS d ON d.cluster = k.cluster AND d.driver = k.driver
  WHERE COALESCE(k.is_detached, FALSE) = FALSE
)
SELECT t.cluster AS cluster, t.driver AS driver, t.class AS class, t.asked_at AS asked_at,
       CASE WHEN t.lasted_secs > 0 THEN t.lasted_secs ELSE 0 END AS lasted_secs
FROM taken AS t
