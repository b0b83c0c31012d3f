WITH operation AS (
  SELECT o.cluster AS cluster, o.driver AS driver, o.storage_class AS storage_class, o.source AS source,
         o.lasted_secs AS lasted_secs
  FROM provision_operation AS o
  LEFT JOIN clock_offset AS f ON f.cluster = o.cluster
  WHERE o.source <> 'copy' AND o.ended_at >= :now + COALESCE(f.offset_secs, 0) - :window_secs
),
point AS (
  SELECT o.cluster AS cluster, o.driver AS driver, o.storage_class AS storage_class, o.source AS source,
         o.lasted_secs AS lasted_secs, COUNT(*) AS n_times
  FROM operation AS o
  GROUP BY o.cluster, o.driver, o.storage_class, o.source, o.lasted_secs
),
total AS (
  SELECT p.cluster AS cluster, p.driver AS driver, p.storage_class AS storage_class, p.source AS source,
         SUM(p.n_times) AS n_samples, SUM(CASE WHEN p.lasted_secs > :warn_secs THEN p.n_times ELSE 0 END) AS n_slow,
         MAX(p.lasted_secs) AS longest_secs
  FROM point AS p
  GROUP BY p.cluster, p.driver, p.storage_class, p.source
),
reach AS (
  SELECT p.cluster AS cluster, p.driver AS driver, p.storage_class AS storage_class, p.source AS source,
         p.lasted_secs AS lasted_secs, SUM(q.n_times) AS n_within
  FROM point AS p
  JOIN point AS q ON q.cluster = p.cluster AND q.driver = p.driver AND q.storage_class = p.storage_class
    AND q.source = p.source AND q.lasted_secs <= p.lasted_secs
  GROUP BY p.cluster, p.driver, p.storage_class, p.source, p.lasted_secs
),
judged AS (
  SELECT t.cluster AS cluster, t.driver AS driver, t.storage_class AS storage_class, t.source AS source,
         t.n_samples AS n_samples, t.n_slow AS n_slow, t.longest_secs AS longest_secs,
         MIN(CASE WHEN r.n_within * 100 >= t.n_samples * 50 THEN r.lasted_secs ELSE NULL END) AS median_secs,
         MIN(CASE WHEN r.n_within * 100 >= t.n_samples * 90 THEN r.lasted_secs ELSE NULL END) AS p90_secs,
         MIN(CASE WHEN r.n_within * 100 >= t.n_samples * 95 THEN r.lasted_secs ELSE NULL END) AS p95_secs
  FROM total AS t
  JOIN reach AS r ON r.cluster = t.cluster AND r.driver = t.driver AND r.storage_class = t.storage_class
    AND r.source = t.source
  GROUP BY t.cluster, t.driver, t.storage_class, t.source, t.n_samples, t.n_slow, t.longest_secs
)
SELECT j.storage_class AS subject, 'k8s_storage_class' AS subject_table, j.cluster AS cluster,
       j.source AS evidence_class, CASE WHEN j.p95_secs > :high_secs THEN 'high' ELSE 'medium' END AS severity,
       j.driver AS driver, j.source AS source, j.n_samples AS n_samples, j.n_slow AS n_slow,
       j.median_secs AS median_secs, j.p90_secs AS p90_secs, j.p95_secs AS p95_secs, j.longest_secs AS longest_secs
FROM judged AS j
WHERE j.n_samples >= :min_samples AND j.p95_secs > :warn_secs
