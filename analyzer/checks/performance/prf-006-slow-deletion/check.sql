WITH gone AS (
  SELECT h.cluster AS cluster, h.subject_table AS kind, h.driver AS driver,
         CASE WHEN h.begun_at IS NOT NULL AND h.seen_from_at + COALESCE(o.offset_secs, 0) > h.begun_at
                THEN h.seen_from_at + COALESCE(o.offset_secs, 0) - h.begun_at
              ELSE 0 END AS least_secs,
         CASE WHEN h.begun_at IS NULL THEN h.gone_at - h.seen_from_at
              ELSE h.gone_at + COALESCE(o.offset_secs, 0) - h.begun_at END AS most_secs
  FROM history_deletion AS h
  JOIN storage_driver AS d ON d.cluster = h.cluster AND d.driver = h.driver
  LEFT JOIN clock_offset AS o ON o.cluster = h.cluster
  WHERE h.gone_at IS NOT NULL AND :now - h.gone_at < :window_secs
),
counted AS (
  SELECT g.cluster AS cluster, g.kind AS kind, g.driver AS driver, COUNT(*) AS n_deletions,
         SUM(CASE WHEN g.least_secs > :slow_secs THEN 1 ELSE 0 END) AS n_slow, MAX(g.least_secs) AS longest_least_secs
  FROM gone AS g
  GROUP BY g.cluster, g.kind, g.driver
),
longest AS (
  SELECT c.cluster AS cluster, c.kind AS kind, c.driver AS driver, MAX(g.most_secs) AS longest_most_secs
  FROM counted AS c
  JOIN gone AS g ON g.cluster = c.cluster AND g.kind = c.kind AND g.driver = c.driver
    AND g.least_secs = c.longest_least_secs
  GROUP BY c.cluster, c.kind, c.driver
)
SELECT c.driver AS subject, 'k8s_csi_driver' AS subject_table, c.cluster AS cluster, 'probable' AS grade,
       c.kind AS evidence_class, c.kind AS kind, c.n_slow AS n_slow, c.n_deletions AS n_deletions,
       c.longest_least_secs AS longest_least_secs, l.longest_most_secs AS longest_most_secs
FROM counted AS c
JOIN longest AS l ON l.cluster = c.cluster AND l.kind = c.kind AND l.driver = c.driver
WHERE c.n_slow > 0
