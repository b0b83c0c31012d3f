WITH failing AS (
  SELECT o.*, o.n_failed * 100.0 / NULLIF(o.n_tried, 0) AS failed_percent
  FROM operation_rate AS o
  WHERE o.n_tried >= :min_operations AND o.n_failed >= :min_failures
),
worst AS (
  SELECT f.cluster AS cluster, f.driver AS driver, f.step AS step, MAX(f.failed_percent) AS failed_percent,
         MAX(f.n_failed) AS n_failed, MAX(f.n_tried) AS n_tried
  FROM failing AS f
  GROUP BY f.cluster, f.driver, f.step
)
SELECT w.driver AS subject, 'k8s_operation_duration' AS subject_table, w.cluster AS cluster, w.step AS evidence_class,
       'probable' AS grade, CASE WHEN w.failed_percent >= :high_percent THEN 'high' ELSE 'medium' END AS severity,
       w.step AS step, CAST(FLOOR(w.failed_percent) AS BIGINT) AS failed_percent, w.n_failed AS n_failed,
       w.n_tried AS n_tried
FROM worst AS w
WHERE w.failed_percent >= :warn_percent
