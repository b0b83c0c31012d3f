-- Velero backups that have ended, well or badly.
SELECT b.cluster AS cluster, b.uid AS uid, b.namespace AS namespace, b.name AS name, b.schedule AS schedule,
       b.created_at AS created_at, COALESCE(b.expires_at, 9999999999) AS expires_at,
       b.is_all_namespaces AS is_all_namespaces, b.is_selective AS is_selective,
       CASE WHEN b.phase = 'Completed' THEN TRUE ELSE FALSE END AS is_completed,
       CASE WHEN b.phase IN ('Failed', 'PartiallyFailed', 'FailedValidation') THEN TRUE ELSE FALSE END AS is_failed
FROM k8s_velero_backup AS b
WHERE b.phase IN ('Completed', 'Failed', 'PartiallyFailed', 'FailedValidation')
