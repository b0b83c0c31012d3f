WITH pledge AS (
  SELECT b.cluster AS cluster, b.appliance AS appliance, b.path AS path, b.kind AS kind, b.name AS name,
         b.storage_class AS storage_class, b.n_evidence AS n_evidence,
         CASE WHEN b.origin_path IS NULL THEN FALSE ELSE TRUE END AS is_clone,
         CASE WHEN b.kind = 'VOLUME' THEN b.volsize_bytes ELSE b.refquota_bytes END AS promised_bytes,
         CASE WHEN COALESCE(b.reservation_bytes, 0) > COALESCE(b.refreservation_bytes, 0) THEN b.reservation_bytes
              ELSE COALESCE(b.refreservation_bytes, 0) END AS reserved_bytes
  FROM bound_volume AS b
),
kinds AS (
  SELECT p.cluster AS cluster, p.appliance AS appliance, p.storage_class AS storage_class,
         SUM(CASE WHEN p.reserved_bytes >= p.promised_bytes THEN 1 ELSE 0 END) AS n_thick,
         SUM(CASE WHEN p.reserved_bytes = 0 THEN 1 ELSE 0 END) AS n_thin,
         SUM(CASE WHEN p.reserved_bytes = 0 THEN p.promised_bytes ELSE 0 END) AS thin_bytes
  FROM pledge AS p
  WHERE p.storage_class IS NOT NULL AND p.promised_bytes > 0 AND p.is_clone = FALSE
  GROUP BY p.cluster, p.appliance, p.storage_class
)
SELECT p.path AS subject, 'zfs_dataset' AS subject_table, p.appliance AS appliance,
       CASE WHEN p.n_evidence >= 2 THEN 'confirmed' ELSE 'probable' END AS grade, 'partly' AS evidence_class,
       p.promised_bytes - p.reserved_bytes AS bytes, 'partly-reserved' AS cause, p.cluster AS cluster,
       p.storage_class AS storage_class, p.promised_bytes AS promised_bytes, p.reserved_bytes AS reserved_bytes,
       CAST(NULL AS BIGINT) AS n_thick, CAST(NULL AS BIGINT) AS n_thin
FROM pledge AS p
WHERE p.reserved_bytes > 0 AND p.reserved_bytes < p.promised_bytes
UNION ALL
SELECT k.storage_class AS subject, 'k8s_storage_class' AS subject_table, k.appliance AS appliance,
       'confirmed' AS grade, k.cluster AS evidence_class, k.thin_bytes AS bytes, 'mixed' AS cause, k.cluster AS cluster,
       k.storage_class AS storage_class, CAST(NULL AS BIGINT) AS promised_bytes, CAST(NULL AS BIGINT) AS reserved_bytes,
       k.n_thick AS n_thick, k.n_thin AS n_thin
FROM kinds AS k
WHERE k.n_thick > 0 AND k.n_thin > 0
