-- Paths that truenas-csi wrote into the exports it made: the comment of a share, the alias of a target, the comment of an
-- initiator group.
WITH mark AS (
  SELECT s.appliance AS appliance, s.comment_path AS path
  FROM nas_nfs_share AS s
  WHERE s.comment_form = 'truenas-csi' AND s.comment_path IS NOT NULL
  UNION ALL
  SELECT t.appliance AS appliance, t.alias_path AS path FROM nas_iscsi_target AS t WHERE t.alias_path IS NOT NULL
  UNION ALL
  SELECT i.appliance AS appliance, i.comment_path AS path
  FROM nas_iscsi_initiator AS i
  WHERE i.comment_form = 'truenas-csi' AND i.comment_path IS NOT NULL
)
SELECT m.appliance AS appliance, m.path AS path, COUNT(*) AS n_exports FROM mark AS m GROUP BY m.appliance, m.path
