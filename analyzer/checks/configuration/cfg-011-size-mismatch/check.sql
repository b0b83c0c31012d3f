WITH unsettled AS (
  SELECT c.cluster AS cluster, c.claim_uid AS claim_uid, COUNT(*) AS n_conditions
  FROM k8s_pvc_condition AS c
  WHERE c.is_true = TRUE
    AND c.condition IN ('Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError')
  GROUP BY c.cluster, c.claim_uid
),
sized AS (
  SELECT b.cluster AS cluster, b.name AS name, b.appliance AS appliance, b.path AS path, b.kind AS kind,
         b.n_evidence AS n_evidence, b.capacity_bytes AS capacity_bytes, c.capacity_bytes AS claim_bytes,
         CASE WHEN b.kind = 'VOLUME' THEN b.volsize_bytes
              WHEN b.refquota_bytes > 0 THEN b.refquota_bytes ELSE NULL END AS backend_bytes,
         CASE WHEN b.volblocksize_bytes > 0 THEN b.volblocksize_bytes ELSE :block_bytes END AS slack_bytes
  FROM bound_volume AS b
  JOIN k8s_pvc AS c ON c.cluster = b.cluster AND c.uid = b.claim_uid
  LEFT JOIN unsettled AS r ON r.cluster = c.cluster AND r.claim_uid = c.uid
  WHERE r.n_conditions IS NULL AND c.resize_status IS NULL
    AND COALESCE(c.request_bytes, 0) <= COALESCE(c.capacity_bytes, 0)
),
compared AS (
  SELECT s.*, s.backend_bytes - s.capacity_bytes AS backend_excess_bytes,
         s.claim_bytes - s.capacity_bytes AS claim_excess_bytes
  FROM sized AS s
),
judged AS (
  SELECT d.*,
         CASE WHEN d.backend_excess_bytes < 0 - d.slack_bytes THEN 'backend-smaller'
              WHEN d.backend_excess_bytes > d.slack_bytes THEN 'backend-larger'
              WHEN d.claim_excess_bytes > d.slack_bytes OR d.claim_excess_bytes < 0 - d.slack_bytes THEN 'claim-differs'
              ELSE 'equal' END AS cause
  FROM compared AS d
)
SELECT j.name AS subject, 'k8s_pv' AS subject_table, j.appliance AS appliance,
       CASE WHEN j.n_evidence >= 2 THEN 'confirmed' ELSE 'probable' END AS grade,
       CASE WHEN j.cause = 'backend-smaller' THEN 'high' ELSE 'medium' END AS severity,
       CASE WHEN j.cause = 'backend-smaller' THEN 0 - j.backend_excess_bytes
            WHEN j.cause = 'backend-larger' THEN j.backend_excess_bytes
            WHEN j.claim_excess_bytes < 0 THEN 0 - j.claim_excess_bytes
            ELSE j.claim_excess_bytes END AS bytes,
       j.cause AS cause, j.cluster AS cluster, j.path AS dataset, j.backend_bytes AS backend_bytes,
       j.capacity_bytes AS capacity_bytes, j.claim_bytes AS claim_bytes
FROM judged AS j
WHERE j.cause <> 'equal'
