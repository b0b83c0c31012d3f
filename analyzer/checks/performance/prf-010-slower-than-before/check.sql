WITH aged AS (
  SELECT o.cluster AS cluster, o.operation AS operation, o.subject_table AS subject_table, o.subject AS subject,
         o.driver AS driver, o.source AS source, o.lasted_secs AS lasted_secs,
         :now + COALESCE(f.offset_secs, 0) - o.ended_at AS age_secs
  FROM timed_operation AS o
  LEFT JOIN clock_offset AS f ON f.cluster = o.cluster
  WHERE o.source <> 'copy'
),
recent AS (
  SELECT a.cluster AS cluster, a.operation AS operation, a.subject_table AS subject_table, a.subject AS subject,
         a.driver AS driver, a.source AS source, COUNT(*) AS n_samples, MEDIAN(a.lasted_secs) AS median_secs
  FROM aged AS a
  WHERE a.age_secs < :window_secs
  GROUP BY a.cluster, a.operation, a.subject_table, a.subject, a.driver, a.source
),
earlier AS (
  SELECT a.cluster AS cluster, a.operation AS operation, a.subject AS subject, a.driver AS driver, a.source AS source,
         COUNT(*) AS n_samples, MEDIAN(a.lasted_secs) AS median_secs
  FROM aged AS a
  WHERE a.age_secs >= :window_secs AND a.age_secs < :window_secs + :baseline_secs
  GROUP BY a.cluster, a.operation, a.subject, a.driver, a.source
),
counted AS (
  SELECT a.cluster AS cluster, a.operation AS operation, a.subject AS subject, a.driver AS driver, a.source AS source,
         SUM(CASE WHEN a.age_secs < :window_secs THEN 1 ELSE 0 END) AS n_recent,
         SUM(CASE WHEN a.age_secs >= :window_secs AND a.age_secs < :window_secs + :baseline_secs THEN 1 ELSE 0 END)
           AS n_before
  FROM aged AS a
  GROUP BY a.cluster, a.operation, a.subject, a.driver, a.source
),
fewer AS (
  SELECT c.cluster AS cluster, CASE WHEN c.n_recent < c.n_before THEN c.n_recent ELSE c.n_before END AS n_in_each
  FROM counted AS c
),
most AS (
  SELECT f.cluster AS cluster, MAX(f.n_in_each) AS n_in_each
  FROM fewer AS f
  GROUP BY f.cluster
),
pair AS (
  SELECT r.cluster AS cluster, r.operation AS operation, r.subject_table AS subject_table, r.subject AS subject,
         r.driver AS driver, r.source AS source, r.n_samples AS n_samples, b.n_samples AS n_baseline,
         r.median_secs AS median_secs, b.median_secs AS baseline_secs
  FROM recent AS r
  JOIN earlier AS b ON b.cluster = r.cluster AND b.operation = r.operation AND b.subject = r.subject
    AND b.driver = r.driver AND b.source = r.source
  WHERE r.n_samples >= :min_samples AND b.n_samples >= :min_samples
    AND r.median_secs - b.median_secs >= :min_rise_secs
    AND r.median_secs * 100 >= b.median_secs * (100 + :min_rise_percent)
),
point AS (
  SELECT a.cluster AS cluster, a.operation AS operation, a.subject AS subject, a.driver AS driver, a.source AS source,
         a.lasted_secs AS lasted_secs, SUM(CASE WHEN a.age_secs < :window_secs THEN 1 ELSE 0 END) AS n_recent,
         SUM(CASE WHEN a.age_secs < :window_secs THEN 0 ELSE 1 END) AS n_before
  FROM aged AS a
  SEMI JOIN pair AS p ON p.cluster = a.cluster AND p.operation = a.operation AND p.subject = a.subject
    AND p.driver = a.driver AND p.source = a.source
  WHERE a.age_secs < :window_secs + :baseline_secs
  GROUP BY a.cluster, a.operation, a.subject, a.driver, a.source, a.lasted_secs
),
tied AS (
  SELECT t.cluster AS cluster, t.operation AS operation, t.subject AS subject, t.driver AS driver, t.source AS source,
         CAST(t.n_recent + t.n_before AS DOUBLE) AS n_equal
  FROM point AS t
),
tie AS (
  SELECT t.cluster AS cluster, t.operation AS operation, t.subject AS subject, t.driver AS driver, t.source AS source,
         SUM(t.n_equal * t.n_equal * t.n_equal - t.n_equal) AS n_ties
  FROM tied AS t
  GROUP BY t.cluster, t.operation, t.subject, t.driver, t.source
),
won AS (
  SELECT x.cluster AS cluster, x.operation AS operation, x.subject AS subject, x.driver AS driver, x.source AS source,
         CAST(SUM(CASE WHEN x.lasted_secs > y.lasted_secs THEN 2 * x.n_recent * y.n_before
                       WHEN x.lasted_secs = y.lasted_secs THEN x.n_recent * y.n_before
                       ELSE 0 END) AS DOUBLE) AS n_double_wins
  FROM point AS x
  JOIN point AS y ON y.cluster = x.cluster AND y.operation = x.operation AND y.subject = x.subject
    AND y.driver = x.driver AND y.source = x.source
  GROUP BY x.cluster, x.operation, x.subject, x.driver, x.source
),
sized AS (
  SELECT p.cluster AS cluster, p.operation AS operation, p.subject_table AS subject_table, p.subject AS subject,
         p.driver AS driver, p.source AS source, p.n_samples AS n_samples, p.n_baseline AS n_baseline,
         p.median_secs AS median_secs, p.baseline_secs AS baseline_secs, w.n_double_wins AS n_double_wins,
         t.n_ties AS n_ties, CAST(p.n_samples AS DOUBLE) * CAST(p.n_baseline AS DOUBLE) AS n_pairs,
         CAST(p.n_samples + p.n_baseline AS DOUBLE) AS n_all
  FROM pair AS p
  JOIN won AS w ON w.cluster = p.cluster AND w.operation = p.operation AND w.subject = p.subject
    AND w.driver = p.driver AND w.source = p.source
  JOIN tie AS t ON t.cluster = p.cluster AND t.operation = p.operation AND t.subject = p.subject
    AND t.driver = p.driver AND t.source = p.source
),
tested AS (
  SELECT s.*, s.n_double_wins - s.n_pairs - 1.0 AS excess,
         s.n_pairs / 3.0 * (s.n_all + 1.0 - s.n_ties / NULLIF(s.n_all * (s.n_all - 1.0), 0.0)) AS spread
  FROM sized AS s
)
SELECT t.subject AS subject, t.subject_table AS subject_table, t.cluster AS cluster, 'probable' AS grade,
       t.operation || ' ' || t.source AS evidence_class, t.operation AS operation, t.source AS source,
       t.driver AS driver, t.n_samples AS n_samples, t.n_baseline AS n_baseline,
       CAST(FLOOR(t.median_secs) AS BIGINT) AS median_secs,
       CAST(FLOOR(t.baseline_secs) AS BIGINT) AS baseline_median_secs,
       CAST(FLOOR(t.n_double_wins * 50.0 / NULLIF(t.n_pairs, 0.0)) AS BIGINT) AS slower_percent,
       CAST(NULL AS STRING) AS too_few
FROM tested AS t
WHERE t.excess > 0 AND t.excess * t.excess > :deviations * :deviations * t.spread
UNION ALL
SELECT m.cluster AS subject, 'k8s_cluster' AS subject_table, m.cluster AS cluster, 'candidate' AS grade,
       'too-few' AS evidence_class, CAST(NULL AS STRING) AS operation, CAST(NULL AS STRING) AS source,
       CAST(NULL AS STRING) AS driver, m.n_in_each AS n_samples, m.n_in_each AS n_baseline,
       CAST(NULL AS BIGINT) AS median_secs, CAST(NULL AS BIGINT) AS baseline_median_secs,
       CAST(NULL AS BIGINT) AS slower_percent,
       'at most ' || CAST(m.n_in_each AS STRING) || ' operations of one kind in each of the two windows, of '
         || CAST(:min_samples AS STRING) AS too_few
FROM most AS m
WHERE m.n_in_each < :min_samples
