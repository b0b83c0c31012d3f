-- Bundles that found each PV in its present phase: those of its cluster that began after the last change of phase.
SELECT p.cluster AS cluster, p.uid AS uid, COUNT(*) AS n_bundles
FROM k8s_pv AS p
JOIN bundle AS b ON b.cluster = p.cluster
LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
WHERE p.phase_changed_at <= b.started_at + COALESCE(o.offset_secs, 0)
GROUP BY p.cluster, p.uid
