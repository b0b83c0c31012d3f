-- Bundles that found each PV in its present phase: those of its cluster that began after the last change of phase,
-- with a complete list of PVs.
SELECT p.cluster AS cluster, p.uid AS uid, COUNT(*) AS n_bundles
FROM k8s_pv AS p
JOIN bundle_list AS b ON b.cluster = p.cluster
LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
WHERE b.table_name = 'k8s_pv' AND p.phase_changed_at <= b.started_at + COALESCE(o.offset_secs, 0)
GROUP BY p.cluster, p.uid
