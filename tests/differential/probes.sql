-- One statement for each construct that the lint allows, over tables with NULLs, ties, negatives and 64-bit limits.
-- `probes.jsonl` holds what DuckDB answers, and Spark answers the same; the analyzer's unit tests compare the engine with it.

-- name: counts_below_zero
SELECT COUNT(*) - 10 AS a, COUNT(k) - 10 AS b, COUNT(DISTINCT k) - 10 AS c FROM v;
-- name: counts_by_group
SELECT k, COUNT(*) AS n, COUNT(x) AS m, COUNT(DISTINCT s) AS d FROM v GROUP BY k;
-- name: filtered_counts
SELECT k, COUNT(*) FILTER (WHERE x > 0) AS n, SUM(x) FILTER (WHERE x > 100) AS t, COUNT(*) FILTER (WHERE b) AS m FROM v GROUP BY k;
-- name: having
SELECT k, SUM(x) AS t FROM v GROUP BY k HAVING COUNT(*) > 1 AND SUM(x) IS NOT NULL;
-- name: having_negative
SELECT k FROM v GROUP BY k HAVING COUNT(*) - 2 < 0;
-- name: aggregates
SELECT SUM(x) AS a, AVG(x) AS b, MIN(x) AS c, MAX(x) AS d, MEDIAN(x) AS e, STDDEV(f) AS g, VARIANCE(f) AS h FROM v WHERE x < 1000000 AND x > -1000000;
-- name: aggregates_by_group
SELECT k, AVG(f) AS a, STDDEV(f) AS b, VARIANCE(f) AS c, MEDIAN(f) AS d, MIN(s) AS e, MAX(s) AS g FROM v GROUP BY k;
-- name: aggregates_of_nothing
SELECT COUNT(*) AS n, SUM(z) AS a, AVG(z) AS b, MIN(z) AS c, MAX(z) AS d, MEDIAN(z) AS f FROM e;
-- name: groups_of_nothing
SELECT k, COUNT(*) AS n FROM e GROUP BY k;
-- name: literal_of_nothing
SELECT 'a' AS a, 1 AS one FROM e;
-- name: literal_beside_aggregate
SELECT 'a' AS a, COUNT(*) AS n FROM e;
-- name: literal_rows
SELECT 'a' AS a, 1 AS one FROM v;
-- name: slope
SELECT COVAR_SAMP(id, f) / NULLIF(VARIANCE(f), 0) AS slope, CORR(id, f) AS r FROM v WHERE f IS NOT NULL;
-- name: limits
SELECT id, x, x - 1 AS less FROM v WHERE x = 9223372036854775807 OR x = -9223372036854775807;
-- name: arithmetic
SELECT id, x + 1 AS a, x * 2 AS b, -x AS c, x / 4 AS d, f * 0.5 AS e, id / NULLIF(id - 3, 0) AS g FROM v WHERE x < 1000 AND x > -1000;
-- name: floor_casts
SELECT id, CAST(FLOOR(f) AS BIGINT) AS a, CAST(FLOOR(id / 2) AS BIGINT) AS b, CAST(id AS DOUBLE) AS c, CAST(id AS STRING) AS d FROM v WHERE f IS NOT NULL;
-- name: bool_cast
SELECT id, CAST(b AS BIGINT) AS n FROM v;
-- name: conditions
SELECT id FROM v WHERE NOT (x > 5 OR b) AND (k <> 'a' OR k IS NULL);
-- name: not_equal_null
SELECT id FROM v WHERE k <> 'a';
-- name: in_list
SELECT id FROM v WHERE k IN ('a', 'b');
-- name: not_in_list
SELECT id FROM v WHERE k NOT IN ('a', 'zz');
-- name: between
SELECT id FROM v WHERE x BETWEEN -5 AND 5;
-- name: not_between
SELECT id FROM v WHERE x NOT BETWEEN -5 AND 5;
-- name: bool_column
SELECT id FROM v WHERE b;
-- name: coalesced_bool
SELECT id FROM v WHERE COALESCE(b, FALSE) = FALSE;
-- name: cases
SELECT id, CASE WHEN x > 0 THEN 'up' WHEN x < 0 THEN 'down' ELSE 'flat' END AS a, CASE k WHEN 'a' THEN 1 WHEN 'b' THEN 2 END AS b, CASE WHEN b THEN f ELSE x END AS c FROM v WHERE x < 1000 OR x IS NULL;
-- name: nulls
SELECT id, COALESCE(k, s, 'none') AS a, NULLIF(k, 'a') AS b, COALESCE(x, 0) AS c FROM v;
-- name: case_sum
SELECT SUM(CASE WHEN x > 0 THEN 2000000000 ELSE 0 END) AS t FROM v;
-- name: texts
SELECT id, UPPER(s) AS a, TRIM(s) AS b, SUBSTRING(s, 2, 3) AS c, SPLIT_PART(s, '-', 2) AS d, REPLACE(s, '-', '+') AS e, LENGTH(s) - 5 AS f, s || '/' || k AS g, COALESCE(s, '') || 'x' AS h FROM v;
-- name: substring_from
SELECT id, SUBSTRING(s FROM 2) AS a, SUBSTRING(s FROM 1 FOR 2) AS b FROM v;
-- name: like
SELECT id, s LIKE 'a%' AS a, s LIKE '%-b_' AS b, s NOT LIKE '%b%' AS c, s LIKE 'a.b' AS d FROM v;
-- name: regexp
SELECT id FROM v WHERE REGEXP_LIKE(s, '^[a-z]+-[0-9a-z]+$');
-- name: self_join
SELECT l.id AS a, r.id AS b FROM v l JOIN v r ON l.k = r.k AND l.id < r.id;
-- name: join_null_keys
SELECT v.id AS a, w.id AS b FROM v JOIN w ON v.k = w.k;
-- name: left_join
SELECT v.id AS a, w.id AS b, w.y AS y, v.k AS vk, w.k AS wk FROM v LEFT JOIN w ON v.k = w.k;
-- name: left_join_two_keys
SELECT v.id AS a, w.id AS b FROM v LEFT JOIN w ON v.k = w.k AND w.id = v.id;
-- name: left_join_absent
SELECT v.id AS a FROM v LEFT JOIN w ON v.k = w.k WHERE w.id IS NULL;
-- name: full_join
SELECT v.id AS a, w.id AS b, COALESCE(v.k, w.k) AS k FROM v FULL JOIN w ON v.k = w.k;
-- name: cross_join
SELECT v.id AS a, w.id AS b FROM v CROSS JOIN w WHERE v.id = w.y;
-- name: cross_join_empty
SELECT v.id AS a FROM v CROSS JOIN e;
-- name: anti_join
SELECT v.id AS id FROM v ANTI JOIN w ON v.k = w.k;
-- name: semi_join
SELECT id, k FROM v SEMI JOIN w ON v.k = w.k;
-- name: anti_join_two_keys
SELECT v.id AS id FROM v ANTI JOIN w ON v.k = w.k AND w.id = v.id;
-- name: anti_join_then_join
SELECT v.id AS a, w.id AS b FROM v ANTI JOIN e ON v.k = e.k JOIN w ON w.k = v.k;
-- name: joined_expression
SELECT v.id AS a, w.id AS b FROM v JOIN w ON w.id = v.id + 1;
-- name: coalesced_keys
SELECT v.id AS a, w.id AS b FROM v JOIN w ON COALESCE(v.k, '') = COALESCE(w.k, '');
-- name: chain
SELECT a.id AS a, b.id AS b, c.id AS c FROM v a JOIN w b ON b.k = a.k JOIN v c ON c.id = b.y;
-- name: chain_reversed_names
SELECT a.id AS a, b.y AS b, c.id AS c FROM v a JOIN w b ON a.id = b.id JOIN w c ON c.id = b.y;
-- name: chain_left
SELECT a.id AS a, b.id AS b, c.id AS c FROM v a LEFT JOIN w b ON b.k = a.k LEFT JOIN v c ON c.id = b.y;
-- name: chain_third_names
SELECT a.id AS a, c.k AS ck, b.k AS bk FROM v a JOIN v b ON b.id = a.id JOIN v c ON c.k = b.k AND c.id = a.id;
-- name: join_group
SELECT v.k AS k, COUNT(w.id) AS n, SUM(w.y) AS t FROM v LEFT JOIN w ON v.k = w.k GROUP BY v.k;
-- name: join_group_right
WITH j AS (SELECT w.k AS wk, w.id AS wid, v.x AS x FROM v JOIN w ON v.k = w.k) SELECT wk, wid, COUNT(*) AS n, MAX(x) AS m FROM j GROUP BY wk, wid;
-- name: join_group_later_column
SELECT w.y AS y, SUM(v.id) AS n, MAX(w.id) AS m FROM v JOIN w ON v.k = w.k GROUP BY w.y HAVING SUM(w.id) > 1;
-- name: join_where_right
SELECT v.id AS a FROM v JOIN w ON v.k = w.k WHERE w.id > 1 AND v.id < 6;
-- name: join_or
SELECT v.id AS a, w.id AS b FROM v JOIN w ON v.k = w.k AND v.id <> w.id WHERE v.x > 0 OR w.y > 5;
-- name: star_left
SELECT v.*, w.y FROM v JOIN w ON v.k = w.k;
-- name: star_semi
SELECT * FROM v SEMI JOIN w ON v.k = w.k;
-- name: derived
SELECT d.k AS k, d.n AS n FROM (SELECT k, COUNT(*) AS n FROM v GROUP BY k) AS d JOIN w ON w.k = d.k;
-- name: ctes
WITH a AS (SELECT k, MAX(x) AS m FROM v GROUP BY k), b AS (SELECT k, m FROM a WHERE m > 0) SELECT v.id AS id, b.m AS m FROM v JOIN b ON v.k = b.k AND v.x = b.m;
-- name: cte_left_filter
WITH f AS (SELECT id, k FROM w WHERE y > 5) SELECT v.id AS a, f.id AS b FROM v LEFT JOIN f ON v.k = f.k;
-- name: split_keys
WITH a AS (SELECT SPLIT_PART(s, '-', 1) AS p, SPLIT_PART(s, '-', 2) AS q FROM v) SELECT p, q, COUNT(*) AS n FROM a GROUP BY p, q;
-- name: in_select
SELECT id FROM v WHERE k IN (SELECT k FROM w);
-- name: in_select_other_name
SELECT id FROM v WHERE id IN (SELECT y FROM w WHERE y > 1) AND x > 0;
-- name: not_in_select
SELECT id FROM v WHERE id NOT IN (SELECT y FROM w WHERE y IS NOT NULL);
-- name: not_in_select_null
SELECT id FROM v WHERE id NOT IN (SELECT y FROM w);
-- name: not_in_select_empty
SELECT id FROM v WHERE k NOT IN (SELECT k FROM e);
-- name: not_exists
SELECT v.id AS id FROM v WHERE NOT EXISTS (SELECT 1 AS one FROM w WHERE w.k = v.k AND w.y > 5);
-- name: exists
SELECT v.id AS id FROM v WHERE EXISTS (SELECT 1 AS one FROM w WHERE w.k = v.k) AND v.x > 0;
-- name: union_all
SELECT id, k FROM v UNION ALL SELECT y, k FROM w UNION ALL SELECT z, k FROM e;
-- name: union_kinds
SELECT x AS n FROM v WHERE id < 3 UNION ALL SELECT g FROM w;
-- name: except
SELECT k FROM v EXCEPT SELECT k FROM w;
-- name: intersect
SELECT k FROM v INTERSECT SELECT k FROM w;
-- name: row_number
SELECT id, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x NULLS LAST, id NULLS LAST) - 4 AS r FROM v;
-- name: row_number_descending
SELECT id, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x DESC NULLS LAST, id DESC NULLS LAST) AS r FROM v;
-- name: row_number_all
SELECT id, ROW_NUMBER() OVER (ORDER BY x NULLS LAST, id NULLS LAST) AS r FROM v;
-- name: first_of_group
WITH r AS (SELECT id, k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x DESC NULLS LAST, id DESC NULLS LAST) AS r FROM v) SELECT k, id FROM r WHERE r = 1;
-- name: lag
SELECT id, LAG(x) OVER (PARTITION BY k ORDER BY id NULLS LAST) AS a, LEAD(x, 2) OVER (PARTITION BY k ORDER BY id NULLS LAST) AS b FROM v;
-- name: lag_descending
SELECT id, LAG(id) OVER (ORDER BY x DESC NULLS LAST, id DESC NULLS LAST) AS a FROM v;
-- name: row_number_one_key
SELECT id, ROW_NUMBER() OVER (ORDER BY u NULLS LAST) AS r FROM v;
-- name: row_number_one_key_descending
SELECT id, ROW_NUMBER() OVER (ORDER BY u DESC NULLS LAST) AS r FROM v;
-- name: row_number_partition_one_key
SELECT id, ROW_NUMBER() OVER (PARTITION BY k ORDER BY u NULLS LAST) AS r FROM v;
-- name: lag_one_key
SELECT id, LAG(id) OVER (ORDER BY u NULLS LAST) AS a, LEAD(id) OVER (ORDER BY u DESC NULLS LAST) AS b FROM v;
-- name: lag_partition_one_key
SELECT id, LAG(x) OVER (PARTITION BY b ORDER BY u NULLS LAST) AS a, LEAD(k, 1) OVER (PARTITION BY b ORDER BY u DESC NULLS LAST) AS c FROM v;
-- name: row_number_text_key
SELECT id, ROW_NUMBER() OVER (PARTITION BY b ORDER BY s NULLS LAST) AS r FROM v;
-- name: row_number_float_key
SELECT id, ROW_NUMBER() OVER (ORDER BY f DESC NULLS LAST, u DESC NULLS LAST, id DESC NULLS LAST) AS r FROM v;
-- name: literal_sum
SELECT COALESCE(MAX(x), 0) + 2000000000 AS c FROM v WHERE x < 10 AND x > -10;
-- name: literal_column
WITH one AS (SELECT 2000000000 AS n FROM v) SELECT SUM(n) AS t FROM one;
-- name: literal_union
SELECT 2000000000 AS n FROM w UNION ALL SELECT x FROM v;
-- name: partition_sum
SELECT id, SUM(id) OVER (PARTITION BY k) AS t, id / NULLIF(SUM(id) OVER (PARTITION BY k), 0) AS share FROM v;
-- name: partition_sum_of_nulls
SELECT id, SUM(y) OVER (PARTITION BY k) AS t FROM w;
-- name: ordered
SELECT id, x FROM v ORDER BY x DESC NULLS LAST, id NULLS LAST;
-- name: alias_of_source_name
SELECT k, SUM(id) AS id, COUNT(*) AS x FROM v GROUP BY k HAVING SUM(id) > 3;
-- name: alias_swaps_names
SELECT id AS x, x AS id FROM v WHERE x > 0;
-- name: group_alias_of_other_column
SELECT s AS k, COUNT(*) AS n FROM v GROUP BY s;
-- name: group_without_key
SELECT COUNT(*) AS n FROM v GROUP BY k;
-- name: group_expression_of_keys
SELECT COALESCE(k, '') || '!' AS key, COUNT(*) * 2 AS n FROM v GROUP BY k;
-- name: group_by_bool
SELECT b, COUNT(*) AS n FROM v GROUP BY b;
-- name: group_case
SELECT k, CASE WHEN COUNT(*) > 1 THEN 'many' ELSE 'one' END AS w, SUM(CASE WHEN b THEN 1 ELSE 0 END) AS t FROM v GROUP BY k;
