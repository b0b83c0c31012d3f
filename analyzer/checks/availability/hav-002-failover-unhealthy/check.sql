WITH state AS (
  SELECT f.appliance AS appliance, f.state AS cause,
         CASE WHEN f.state = 'ERROR' THEN 'critical' WHEN f.state = 'BACKUP' THEN 'medium' ELSE 'high' END AS severity
  FROM nas_failover AS f
  WHERE f.state IN ('ERROR', 'ELECTING', 'IMPORTING', 'BACKUP')
),
alert AS (
  SELECT a.appliance AS appliance, a.class AS cause, COUNT(*) AS n_alerts, MAX(a.seen_at) AS seen_at
  FROM nas_alert AS a
  JOIN nas_failover AS f ON f.appliance = a.appliance
  WHERE a.is_dismissed = FALSE AND f.state <> 'SINGLE' AND f.state <> 'other'
    AND a.class IN ('FailoverFailed', 'FailoverRemoteSystemInaccessible', 'FailoverStatusCheckFailed',
                    'FailoverSyncFailed', 'NoCriticalFailoverInterfaceFound', 'DisksAreNotPresentOnActiveNode',
                    'DisksAreNotPresentOnStandbyNode', 'TrueNASVersionsMismatch', 'FailoverReboot', 'FencedReboot')
  GROUP BY a.appliance, a.class
)
SELECT s.appliance AS subject, 'nas_failover' AS subject_table, s.appliance AS appliance, s.severity AS severity,
       s.cause AS evidence_class, s.cause AS cause, 0 AS n_alerts, CAST(NULL AS BIGINT) AS seen_at
FROM state AS s
UNION ALL
SELECT a.appliance AS subject, 'nas_failover' AS subject_table, a.appliance AS appliance,
       CASE WHEN a.cause = 'FailoverFailed' THEN 'critical'
            WHEN a.cause IN ('FailoverReboot', 'FencedReboot', 'TrueNASVersionsMismatch') THEN 'medium'
            ELSE 'high' END AS severity,
       a.cause AS evidence_class, a.cause AS cause, a.n_alerts AS n_alerts, a.seen_at AS seen_at
FROM alert AS a
