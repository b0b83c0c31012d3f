-- Targets and extents without a link, and the bundles with a complete list of links since the last one, or since the object
-- was first seen.
WITH known AS (
  SELECT h.appliance AS appliance, 'target' AS kind, h.id AS id, h.name AS name, h.first_seen_at AS first_seen_at
  FROM history_target AS h
  ANTI JOIN nas_iscsi_target_extent AS l ON l.appliance = h.appliance AND l.target_id = h.id
  UNION ALL
  SELECT h.appliance AS appliance, 'extent' AS kind, h.id AS id, h.name AS name, h.first_seen_at AS first_seen_at
  FROM history_extent AS h
  ANTI JOIN nas_iscsi_target_extent AS l ON l.appliance = h.appliance AND l.extent_id = h.id
),
first_seen AS (
  SELECT k.appliance AS appliance, k.kind AS kind, k.id AS id, k.name AS name, MIN(k.first_seen_at) AS first_seen_at
  FROM known AS k
  GROUP BY k.appliance, k.kind, k.id, k.name
),
end_of_link AS (
  SELECT h.appliance AS appliance, 'target' AS kind, h.target_id AS id, h.last_seen_at AS last_seen_at FROM history_link AS h
  UNION ALL
  SELECT h.appliance AS appliance, 'extent' AS kind, h.extent_id AS id, h.last_seen_at AS last_seen_at FROM history_link AS h
),
linked AS (
  SELECT e.appliance AS appliance, e.kind AS kind, e.id AS id, MAX(e.last_seen_at) AS last_seen_at
  FROM end_of_link AS e
  GROUP BY e.appliance, e.kind, e.id
),
since AS (
  SELECT f.appliance AS appliance, f.kind AS kind, f.id AS id, f.name AS name,
         CASE WHEN COALESCE(l.last_seen_at, 0) >= f.first_seen_at THEN l.last_seen_at + 1
              ELSE f.first_seen_at END AS unlinked_from
  FROM first_seen AS f
  LEFT JOIN linked AS l ON l.appliance = f.appliance AND l.kind = f.kind AND l.id = f.id
)
SELECT s.appliance AS appliance, s.kind AS kind, s.id AS id, s.name AS name, COUNT(*) AS n_bundles
FROM since AS s
JOIN bundle_list AS b ON b.appliance = s.appliance AND b.ended_at >= s.unlinked_from
WHERE b.table_name = 'nas_iscsi_target_extent'
GROUP BY s.appliance, s.kind, s.id, s.name
