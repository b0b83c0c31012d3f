WITH inside AS (
  SELECT u.appliance AS appliance, u.path AS path, COUNT(*) AS n_uses FROM used_volume AS u
  GROUP BY u.appliance, u.path
),
learnt AS (
  SELECT s.host AS host, s.initiator_base AS initiator_base, s.initiator_suffix AS initiator_suffix, s.host_nqn AS host_nqn
  FROM block_session AS s
  JOIN inside AS i ON i.appliance = s.appliance AND i.path = s.path
),
parent AS (
  SELECT k.appliance AS appliance, k.parent AS parent FROM known_parent AS k GROUP BY k.appliance, k.parent
),
below AS (
  SELECT s.* FROM block_session AS s
  JOIN parent AS k ON k.appliance = s.appliance AND k.parent = s.parent
  JOIN settled_dataset AS t ON t.appliance = s.appliance AND t.path = s.path
),
unused AS (
  SELECT b.* FROM below AS b ANTI JOIN inside AS i ON i.appliance = b.appliance AND i.path = b.path
),
unplaced AS (
  SELECT b.* FROM unused AS b ANTI JOIN k8s_node_address AS a ON a.host = b.host
),
unseen AS (
  SELECT b.* FROM unplaced AS b ANTI JOIN learnt AS l ON l.host = b.host
),
unnamed AS (
  SELECT b.* FROM unseen AS b
  ANTI JOIN learnt AS l ON l.initiator_base = b.initiator_base AND l.initiator_suffix = b.initiator_suffix
),
unknown AS (
  SELECT b.* FROM unnamed AS b ANTI JOIN learnt AS l ON l.host_nqn = b.host_nqn
),
foreign_session AS (
  SELECT b.* FROM unknown AS b ANTI JOIN nas_address AS n ON n.appliance = b.appliance AND n.host = b.host
),
owner AS (
  SELECT v.appliance AS appliance, v.path AS path, COUNT(*) AS n_volumes FROM volume_join AS v
  GROUP BY v.appliance, v.path
),
consumer AS (
  SELECT COALESCE(f.host, f.initiator_suffix, f.host_nqn, f.initiator_base) AS consumer, f.appliance AS appliance,
         f.subject_table AS subject_table, f.path AS path, f.n_sessions AS n_live,
         CASE WHEN o.n_volumes IS NULL THEN 1 ELSE 0 END AS n_unowned
  FROM foreign_session AS f
  LEFT JOIN owner AS o ON o.appliance = f.appliance AND o.path = f.path
),
unexplained AS (
  SELECT c.* FROM consumer AS c ANTI JOIN known_consumer AS k ON k.name = c.consumer
)
SELECT c.consumer AS subject, c.subject_table AS subject_table, c.appliance AS appliance,
       CASE WHEN MAX(c.n_unowned) = 1 THEN 'confirmed' ELSE 'probable' END AS grade,
       COUNT(DISTINCT c.path) AS n_volumes, SUM(c.n_unowned) AS n_volumes_without_pv, SUM(c.n_live) AS n_sessions
FROM unexplained AS c
GROUP BY c.consumer, c.appliance, c.subject_table
