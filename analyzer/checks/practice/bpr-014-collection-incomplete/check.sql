WITH failed AS (
  SELECT s.list AS list, s.source AS source, s.cluster AS cluster, s.appliance AS appliance, s.outcome AS outcome,
         s.reason AS reason, COUNT(DISTINCT s.table) AS n_tables
  FROM collect_status AS s
  WHERE s.outcome <> 'ok' AND s.outcome <> 'empty' AND s.outcome <> 'unsupported'
  GROUP BY s.list, s.source, s.cluster, s.appliance, s.outcome, s.reason
),
timed AS (
  SELECT s.list AS list, s.source AS source, s.cluster AS cluster, s.appliance AS appliance,
         s.server_at - s.started_at AS offset_secs
  FROM collect_status AS s
  WHERE s.pass = 1 AND s.server_at IS NOT NULL
),
span AS (
  SELECT MIN(t.list) AS list, t.source AS source, t.cluster AS cluster, t.appliance AS appliance,
         MIN(t.offset_secs) AS least_secs, MAX(t.offset_secs) AS most_secs
  FROM timed AS t
  GROUP BY t.source, t.cluster, t.appliance
),
offset_of AS (
  SELECT s.list AS list, s.source AS source, s.cluster AS cluster, s.appliance AS appliance,
         CASE WHEN s.least_secs > 0 THEN s.least_secs WHEN s.most_secs < 0 THEN s.most_secs ELSE 0 END AS offset_secs
  FROM span AS s
)
SELECT f.list AS subject, 'collect_status' AS subject_table, 'high' AS severity, 'list' AS owner_kind,
       COALESCE(f.cluster, f.appliance) AS evidence_class, f.source AS source, f.cluster AS cluster,
       f.appliance AS appliance, f.outcome AS outcome, f.reason AS reason, f.n_tables AS n_tables,
       CAST(NULL AS BIGINT) AS offset_secs
FROM failed AS f
UNION ALL
SELECT o.list AS subject, 'collect_status' AS subject_table,
       CASE WHEN o.offset_secs > :grade_offset_secs OR o.offset_secs < 0 - :grade_offset_secs THEN 'high'
            ELSE 'medium' END AS severity,
       'clock' AS owner_kind, COALESCE(o.cluster, o.appliance) AS evidence_class, o.source AS source,
       o.cluster AS cluster, o.appliance AS appliance, 'clock-offset' AS outcome, CAST(NULL AS STRING) AS reason,
       0 AS n_tables, o.offset_secs AS offset_secs
FROM offset_of AS o
WHERE o.offset_secs > :max_offset_secs OR o.offset_secs < 0 - :max_offset_secs
