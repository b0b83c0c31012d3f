WITH judged AS (
  SELECT b.*, COALESCE(b.schedule, b.name) AS series,
         CASE WHEN b.schedule IS NULL THEN FALSE ELSE TRUE END AS is_scheduled
  FROM velero_result AS b
),
aged AS (
  SELECT j.*, CASE WHEN j.is_completed = TRUE AND j.expires_at > :now + COALESCE(o.offset_secs, 0) THEN 1 ELSE 0 END AS n_good,
         CASE WHEN j.is_completed = TRUE AND j.expires_at <= :now + COALESCE(o.offset_secs, 0) THEN 1 ELSE 0 END AS n_expired,
         :now + COALESCE(o.offset_secs, 0) AS now_at
  FROM judged AS j
  LEFT JOIN clock_offset AS o ON o.cluster = j.cluster
),
good AS (
  SELECT a.cluster AS cluster, a.uid AS uid, a.created_at AS created_at FROM aged AS a
  WHERE a.n_good = 1 AND a.is_selective = FALSE
),
replaced AS (
  SELECT x.cluster AS cluster, x.uid AS uid, x.n_namespaces AS n_namespaces, COUNT(DISTINCT x.namespace) AS n_covered
  FROM velero_replacement AS x
  JOIN good AS g ON g.cluster = x.cluster AND g.uid = x.good_uid
  GROUP BY x.cluster, x.uid, x.n_namespaces
),
open AS (
  SELECT a.* FROM aged AS a
  LEFT JOIN replaced AS r ON r.cluster = a.cluster AND r.uid = a.uid
  WHERE a.is_scheduled = TRUE OR COALESCE(r.n_covered, 0) < COALESCE(r.n_namespaces, 1)
),
series AS (
  SELECT p.cluster AS cluster, p.namespace AS namespace, p.series AS series, p.is_scheduled AS is_scheduled,
         MAX(p.now_at) AS now_at, MAX(CASE WHEN p.n_good = 1 THEN p.created_at END) AS good_at,
         MAX(CASE WHEN p.is_failed = TRUE THEN p.created_at END) AS failed_at,
         MAX(CASE WHEN p.n_expired = 1 THEN p.created_at END) AS expired_at,
         SUM(CASE WHEN p.is_failed = TRUE THEN 1 ELSE 0 END) AS n_failed
  FROM open AS p
  GROUP BY p.cluster, p.namespace, p.series, p.is_scheduled
)
SELECT s.namespace || '/' || s.series AS subject,
       CASE WHEN s.is_scheduled = TRUE THEN 'k8s_velero_schedule' ELSE 'k8s_velero_backup' END AS subject_table,
       s.cluster AS cluster, CASE WHEN s.good_at IS NULL THEN 'high' ELSE 'medium' END AS severity,
       CASE WHEN COALESCE(s.failed_at, 0) > COALESCE(s.good_at, 0) THEN 'failed' ELSE 'expired' END AS cause,
       s.now_at - s.good_at AS good_age_secs, s.now_at - s.failed_at AS failed_age_secs, s.n_failed AS n_failed
FROM series AS s
WHERE COALESCE(s.failed_at, 0) > COALESCE(s.good_at, 0) OR s.good_at IS NULL AND s.expired_at IS NOT NULL
