WITH silent AS (
  SELECT e.appliance AS appliance, COUNT(*) AS n_extents,
         SUM(CASE WHEN COALESCE(e.pool_available_percent, 0) > 0 THEN 0 ELSE 1 END) AS n_silent_extents
  FROM nas_iscsi_extent AS e
  WHERE e.kind = 'DISK' AND e.is_enabled = TRUE
  GROUP BY e.appliance
)
SELECT g.appliance AS subject, 'nas_system' AS subject_table, g.appliance AS appliance,
       s.n_silent_extents AS n_silent_extents, s.n_extents AS n_extents
FROM nas_iscsi_global AS g
JOIN silent AS s ON s.appliance = g.appliance
WHERE COALESCE(g.pool_available_percent, 0) = 0 AND s.n_silent_extents > 0
