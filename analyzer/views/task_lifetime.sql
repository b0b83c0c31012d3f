-- Lifetime and period of each periodic snapshot task. Months are taken at their longest, so that nothing is too old too soon.
WITH unit AS (
  SELECT t.appliance AS appliance, t.id AS task_id, t.longest_gap_secs AS period_secs, t.n_lifetime_units AS n_units,
         CASE WHEN t.lifetime_unit = 'HOUR' THEN 3600
              WHEN t.lifetime_unit = 'DAY' THEN 86400
              WHEN t.lifetime_unit = 'WEEK' THEN 604800
              WHEN t.lifetime_unit = 'MONTH' THEN 2678400
              WHEN t.lifetime_unit = 'YEAR' THEN 31622400 END AS unit_secs
  FROM nas_snapshot_task AS t
)
SELECT u.appliance AS appliance, u.task_id AS task_id, u.period_secs AS period_secs,
       CASE WHEN u.n_units > 0 THEN u.n_units * u.unit_secs END AS lifetime_secs
FROM unit AS u
