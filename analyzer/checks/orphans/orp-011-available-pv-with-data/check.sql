WITH available AS (
  SELECT p.cluster AS cluster, p.name AS name, p.capacity_bytes AS capacity_bytes, p.reclaim_policy AS reclaim_policy,
         p.is_static AS is_static, s.used_bytes AS used_bytes, s.referenced_bytes AS referenced_bytes,
         COALESCE(g.n_bundles, 0) AS n_bundles,
         :now + COALESCE(o.offset_secs, 0) - COALESCE(p.phase_changed_at, p.created_at) AS age_secs
  FROM k8s_pv AS p
  JOIN again_pv AS a ON a.cluster = p.cluster AND a.uid = p.uid
  LEFT JOIN pv_space AS s ON s.cluster = p.cluster AND s.name = p.name
  LEFT JOIN pv_phase_age AS g ON g.cluster = p.cluster AND g.uid = p.uid
  LEFT JOIN clock_offset AS o ON o.cluster = p.cluster
  WHERE p.phase = 'Available' AND p.claim_name IS NULL AND p.deleting_at IS NULL
    AND p.driver IS NOT NULL
),
judged AS (
  SELECT v.*, CASE WHEN v.is_static = FALSE THEN 'was-provisioned-for-a-claim' ELSE 'holds-data' END AS cause
  FROM available AS v
  WHERE v.is_static = FALSE OR v.referenced_bytes > :empty_bytes
)
SELECT j.name AS subject, 'k8s_pv' AS subject_table, j.cluster AS cluster,
       CASE WHEN j.is_static = TRUE OR j.n_bundles < :min_bundles THEN 'candidate'
            WHEN j.referenced_bytes > :empty_bytes THEN 'confirmed'
            ELSE 'probable' END AS grade,
       COALESCE(j.used_bytes, j.capacity_bytes) AS bytes, j.cause AS cause, j.reclaim_policy AS reclaim_policy,
       j.referenced_bytes AS referenced_bytes, j.n_bundles AS n_bundles, j.age_secs AS age_secs
FROM judged AS j
