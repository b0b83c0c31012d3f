WITH growth AS (
  SELECT g.appliance AS appliance, g.n_lists AS n_lists, g.n_busy AS n_busy, g.least_items AS least_items,
         g.most_items AS most_items, g.last_items AS last_items, g.median_secs AS median_secs, g.last_secs AS last_secs,
         g.exponent_percent AS exponent_percent, g.least_exponent_percent AS least_exponent_percent,
         CASE WHEN g.n_lists < :min_lists
                THEN CAST(g.n_lists AS STRING) || ' lists of ' || CAST(:min_lists AS STRING)
              WHEN g.most_items * 100 < g.least_items * (100 + :min_spread_percent)
                THEN 'all ' || CAST(g.n_lists AS STRING) || ' lists have ' || CAST(g.least_items AS STRING) || ' to '
                  || CAST(g.most_items AS STRING) || ' snapshots'
              ELSE CAST(NULL AS STRING) END AS too_few
  FROM history_list_growth AS g
  WHERE g.table_name = 'zfs_snapshot'
)
SELECT g.appliance AS subject, 'nas_system' AS subject_table, g.appliance AS appliance, g.n_lists AS n_lists,
       g.n_busy AS n_busy, g.least_items AS least_items, g.most_items AS most_items, g.last_items AS last_items,
       g.median_secs AS median_secs, g.last_secs AS last_secs, g.exponent_percent AS exponent_percent,
       g.least_exponent_percent AS least_exponent_percent, g.too_few AS too_few
FROM growth AS g
WHERE g.too_few IS NOT NULL
  OR (g.median_secs >= :min_secs AND g.exponent_percent > :exponent_percent AND g.least_exponent_percent > 100)
