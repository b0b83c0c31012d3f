-- Live block sessions below a parent of CSI volumes that no collected cluster explains: the volume is not used there, and
-- neither the address nor the initiator is that of a node. Sessions of the appliance itself are left out, and those of a
-- consumer that the site names: by its address, or by its initiator where the appliance tells no address.
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
foreign_one AS (
  SELECT b.* FROM unknown AS b ANTI JOIN nas_address AS n ON n.appliance = b.appliance AND n.host = b.host
),
named AS (
  SELECT f.*, COALESCE(f.host, f.initiator_suffix, f.host_nqn, f.initiator_base) AS consumer FROM foreign_one AS f
)
SELECT n.* FROM named AS n ANTI JOIN known_consumer AS k ON k.name = n.consumer
