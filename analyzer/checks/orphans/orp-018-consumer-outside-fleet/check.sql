WITH owner AS (
  SELECT v.appliance AS appliance, v.path AS path, COUNT(*) AS n_volumes FROM volume_join AS v
  GROUP BY v.appliance, v.path
),
consumer AS (
  SELECT f.consumer AS consumer, f.appliance AS appliance, f.subject_table AS subject_table, f.path AS path,
         f.n_sessions AS n_live,
         CASE WHEN o.n_volumes IS NULL THEN 1 ELSE 0 END AS n_unowned
  FROM outside_session AS f
  LEFT JOIN owner AS o ON o.appliance = f.appliance AND o.path = f.path
)
SELECT c.consumer AS subject, c.subject_table AS subject_table, c.appliance AS appliance,
       CASE WHEN MAX(c.n_unowned) = 1 THEN 'confirmed' ELSE 'probable' END AS grade,
       COUNT(DISTINCT c.path) AS n_volumes, SUM(c.n_unowned) AS n_volumes_without_pv, SUM(c.n_live) AS n_sessions
FROM consumer AS c
GROUP BY c.consumer, c.appliance, c.subject_table
