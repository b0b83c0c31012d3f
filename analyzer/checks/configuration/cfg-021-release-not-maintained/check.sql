WITH installed AS (
  SELECT 'nas_system' AS subject_table, s.appliance AS subject, s.appliance AS owner, 'truenas' AS product,
         s.version AS version, FALSE AS is_extended
  FROM nas_system AS s
  WHERE s.version IS NOT NULL
  UNION ALL
  SELECT 'k8s_cluster' AS subject_table, k.name AS subject, k.cluster AS owner, 'openshift' AS product,
         v.version AS version, CASE WHEN v.channel = 'eus' THEN TRUE ELSE FALSE END AS is_extended
  FROM k8s_cluster AS k
  JOIN k8s_cluster_version AS v ON v.cluster = k.cluster
  WHERE k.is_openshift = TRUE AND v.version IS NOT NULL
  UNION ALL
  SELECT 'k8s_cluster' AS subject_table, k.name AS subject, k.cluster AS owner, 'kubernetes' AS product,
         k.version AS version, FALSE AS is_extended
  FROM k8s_cluster AS k
  WHERE k.is_openshift = FALSE AND k.version IS NOT NULL
),
numbered AS (
  SELECT i.*, SPLIT_PART(i.version, '-', 1) || '.0' AS number FROM installed AS i
),
lined AS (
  SELECT n.*, SPLIT_PART(n.number, '.', 1) || '.' || SPLIT_PART(n.number, '.', 2) AS line FROM numbered AS n
),
dated AS (
  SELECT l.*, 1787356800 AS listed_at,
         CASE WHEN l.product <> 'kubernetes' THEN CAST(NULL AS BIGINT)
              WHEN l.line = '1.36' THEN 1814140800
              WHEN l.line = '1.35' THEN 1803772800
              WHEN l.line = '1.34' THEN 1793059200
              WHEN l.line = '1.33' THEN 1782604800
              WHEN l.line = '1.32' THEN 1772236800
              WHEN l.line = '1.31' THEN 1762819200
              WHEN l.line = '1.30' THEN 1752537600
              WHEN l.line = '1.29' THEN 1740700800
              WHEN l.line = '1.28' THEN 1730073600
              WHEN l.line = '1.27' THEN 1719532800
              WHEN l.line = '1.26' THEN 1709078400
              WHEN l.line = '1.25' THEN 1698364800
              WHEN l.line = '1.24' THEN 1690502400
              WHEN l.line = '1.23' THEN 1677542400
              WHEN l.line = '1.22' THEN 1666915200
              WHEN l.line = '1.21' THEN 1656374400
              WHEN l.line = '1.20' THEN 1646006400
              WHEN l.line = '1.19' THEN 1635379200
              WHEN l.line = '1.18' THEN 1623974400
              WHEN l.line = '1.17' THEN 1608854400
              WHEN l.line = '1.16' THEN 1596499200
         END AS kubernetes_ends_at,
         CASE WHEN l.product <> 'openshift' THEN CAST(NULL AS BIGINT)
              WHEN l.line = '4.22' THEN 1830211200
              WHEN l.line = '4.21' THEN 1817251200
              WHEN l.line = '4.20' THEN 1808265600
              WHEN l.line = '4.19' THEN 1797465600
              WHEN l.line = '4.18' THEN 1787616000
              WHEN l.line = '4.17' THEN 1775001600
              WHEN l.line = '4.16' THEN 1766793600
              WHEN l.line = '4.15' THEN 1756252800
              WHEN l.line = '4.14' THEN 1746057600
              WHEN l.line = '4.13' THEN 1731801600
              WHEN l.line = '4.12' THEN 1721174400
              WHEN l.line = '4.11' THEN 1707523200
              WHEN l.line = '4.10' THEN 1694304000
              WHEN l.line = '4.9' THEN 1681776000
              WHEN l.line = '4.8' THEN 1674777600
              WHEN l.line = '4.7' THEN 1661299200
              WHEN l.line = '4.6' THEN 1666828800
              WHEN l.line = '4.5' THEN 1627344000
              WHEN l.line = '4.4' THEN 1614124800
              WHEN l.line = '4.3' THEN 1603756800
              WHEN l.line = '4.2' THEN 1594598400
              WHEN l.line = '4.1' THEN 1588636800
         END AS openshift_ends_at,
         CASE WHEN l.product <> 'openshift' THEN CAST(NULL AS BIGINT)
              WHEN l.line = '4.18' THEN 1803513600
              WHEN l.line = '4.16' THEN 1782518400
              WHEN l.line = '4.14' THEN 1761868800
              WHEN l.line = '4.12' THEN 1737072000
         END AS extended_ends_at,
         CASE WHEN l.product <> 'truenas' THEN 'dated'
              WHEN l.line IN ('11.0', '11.2', '11.3', '12.0', '13.0', '13.3', '22.02', '22.12', '23.10', '24.04')
                THEN 'archived'
              WHEN l.line IN ('24.10', '25.04', '25.10', '26.0') THEN 'maintained'
              ELSE 'not-listed' END AS lifecycle
  FROM lined AS l
),
known AS (
  SELECT d.*, COALESCE(d.kubernetes_ends_at, d.openshift_ends_at) AS ends_at,
         COALESCE(d.kubernetes_ends_at, d.extended_ends_at, d.openshift_ends_at) AS last_ends_at,
         CASE WHEN d.is_extended = TRUE THEN COALESCE(d.extended_ends_at, d.openshift_ends_at)
              ELSE COALESCE(d.kubernetes_ends_at, d.openshift_ends_at) END AS own_ends_at,
         CASE WHEN d.version LIKE '%-ALPHA%' OR d.version LIKE '%-BETA%' OR d.version LIKE '%-RC%'
                   OR d.version LIKE '%-MASTER%' THEN TRUE ELSE FALSE END AS is_early
  FROM dated AS d
),
judged AS (
  SELECT k.*,
         CASE WHEN k.is_extended = TRUE AND k.line IN ('4.20', '4.22') THEN 'not-listed'
              WHEN k.lifecycle = 'archived' OR :now >= k.last_ends_at + 86400 THEN 'ended'
              WHEN :now >= k.own_ends_at + 86400 THEN 'extended-only'
              WHEN k.is_early = TRUE THEN 'early'
              WHEN :now >= k.own_ends_at + 86400 - :warn_days * 86400 THEN 'ends-soon'
              WHEN k.lifecycle = 'not-listed' OR k.lifecycle = 'dated' AND k.ends_at IS NULL THEN 'not-listed'
              WHEN :now > k.listed_at + :table_days * 86400 THEN 'list-too-old'
              ELSE 'maintained' END AS cause
  FROM known AS k
)
SELECT j.subject AS subject, j.subject_table AS subject_table, j.product AS owner_kind,
       CASE WHEN j.cause IN ('not-listed', 'list-too-old') THEN 'candidate'
            WHEN j.product = 'truenas' OR j.cause = 'extended-only' THEN 'probable'
            ELSE 'confirmed' END AS grade,
       CASE WHEN j.cause = 'ended' OR j.cause = 'early' THEN 'medium'
            WHEN j.cause IN ('not-listed', 'list-too-old') THEN 'info'
            ELSE 'low' END AS severity,
       j.cause AS evidence_class, j.cause AS cause, j.product AS product, j.version AS version, j.line AS line,
       j.own_ends_at AS ends_at, j.listed_at AS listed_at
FROM judged AS j
WHERE j.cause <> 'maintained'
