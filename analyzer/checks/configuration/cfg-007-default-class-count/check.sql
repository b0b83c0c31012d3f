WITH marked AS (
  SELECT s.cluster AS cluster, COUNT(*) AS n_classes, SUM(CASE WHEN s.is_default = TRUE THEN 1 ELSE 0 END) AS n_default,
         MAX(CASE WHEN s.is_default = TRUE THEN s.created_at ELSE NULL END) AS newest_at
  FROM k8s_storage_class AS s
  GROUP BY s.cluster
),
aged AS (
  SELECT m.cluster AS cluster, m.n_classes AS n_classes, m.n_default AS n_default,
         :now + COALESCE(o.offset_secs, 0) - m.newest_at AS newest_age_secs
  FROM marked AS m
  LEFT JOIN clock_offset AS o ON o.cluster = m.cluster
)
SELECT k.uid AS subject, 'k8s_cluster' AS subject_table, k.cluster AS cluster, a.n_default AS n_default,
       a.n_classes AS n_classes, a.newest_age_secs AS newest_age_secs
FROM k8s_cluster AS k
JOIN aged AS a ON a.cluster = k.cluster
WHERE a.n_default = 0 OR a.n_default > 1 AND a.newest_age_secs >= :migration_days * 86400
