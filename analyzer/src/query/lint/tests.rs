//! One refused and one accepted statement for each rule; the accepted one is what the message says to write.

use super::*;
use crate::query::catalog::CatalogColumn;

fn catalog() -> Catalog {
    use ColumnKind::{Bool, Float, Integer, Text};
    let volume = vec![
        CatalogColumn::token("name"),
        CatalogColumn::token("owner"),
        CatalogColumn::plain("cluster", Text),
        CatalogColumn::plain("phase", Text),
        CatalogColumn::plain("size_bytes", Integer),
        CatalogColumn::plain("created", Integer),
        CatalogColumn::plain("is_bound", Bool),
    ];
    let dataset = vec![
        CatalogColumn::token("path"),
        CatalogColumn::token("leaf"),
        CatalogColumn::plain("appliance", Text),
        CatalogColumn::plain("kind", Text),
        CatalogColumn::plain("id", Integer),
        CatalogColumn::plain("used_bytes", Integer),
        CatalogColumn::plain("share", Float),
    ];
    Catalog {
        tables: [
            ("k8s_pv".to_owned(), volume),
            ("zfs_dataset".to_owned(), dataset),
        ]
        .into(),
    }
}

/// Strict refuses with this construct, and the accepted form passes without a warning.
#[track_caller]
fn rule(construct: &str, refused: &str, accepted: &str) {
    match lint(refused, &catalog(), Mode::Strict) {
        Err(error) => assert!(
            error.construct.contains(construct),
            "`{refused}` gives: {error}"
        ),
        Ok(_) => panic!("`{refused}` passes"),
    }
    match lint(accepted, &catalog(), Mode::Strict) {
        Err(error) => panic!("`{accepted}` gives: {error}"),
        Ok(linted) => assert_eq!(linted.warnings, [], "{accepted}"),
    }
}

/// Both modes refuse.
#[track_caller]
fn always(construct: &str, refused: &str) {
    for mode in [Mode::Strict, Mode::Lenient] {
        let error = lint(refused, &catalog(), mode).expect_err(refused);
        assert!(
            error.construct.contains(construct),
            "`{refused}` gives: {error}"
        );
    }
}

/// Strict refuses, Lenient warns with this construct.
#[track_caller]
fn warns(construct: &str, sql: &str) {
    let error = lint(sql, &catalog(), Mode::Strict).expect_err(sql);
    assert!(
        error.construct.contains(construct),
        "`{sql}` gives: {error}"
    );
    let linted = lint(sql, &catalog(), Mode::Lenient)
        .unwrap_or_else(|error| panic!("`{sql}` gives: {error}"));
    assert!(
        linted
            .warnings
            .iter()
            .any(|warning| warning.construct.contains(construct)),
        "{:?}",
        linted.warnings
    );
}

/// The result's columns with `!` behind the names of tokens.
#[track_caller]
fn tokens(sql: &str, expect: &str) {
    let linted = lint(sql, &catalog(), Mode::Strict)
        .unwrap_or_else(|error| panic!("`{sql}` gives: {error}"));
    let marked = linted
        .columns
        .iter()
        .map(|column| format!("{}{}", column.name, if column.is_token { "!" } else { "" }));
    assert_eq!(marked.collect::<Vec<_>>().join(" "), expect);
}

#[test]
fn an_error_names_place_construct_and_remedy_on_one_line() {
    let error = lint(
        "SELECT size_bytes\nFROM k8s_pv\nWHERE size_bytes % 4 = 1",
        &catalog(),
        Mode::Strict,
    );
    let text = error.expect_err("refused").to_string();
    assert_eq!(
        text,
        "line 3, column 7: % or MOD is not portable; write a column made when the row is made"
    );
}

#[test]
fn only_one_select_is_read() {
    always("CREATE", "CREATE TABLE t AS SELECT size_bytes FROM k8s_pv");
    always("COPY", "COPY k8s_pv TO '/tmp/x'");
    always("DROP", "DROP TABLE k8s_pv");
    always("EXPLAIN", "EXPLAIN SELECT size_bytes FROM k8s_pv");
    always(
        "not exactly one",
        "SELECT size_bytes FROM k8s_pv; DROP TABLE k8s_pv",
    );
    always("not exactly one", "");
    always("cannot be parsed", "SELECT size_bytes FROM");
    always("no SELECT", "VALUES (1)");
    always("cannot be parsed", "TABLE k8s_pv");
    always("without FROM", "SELECT 1 AS one");
    assert!(lint("SELECT size_bytes FROM k8s_pv;", &catalog(), Mode::Strict).is_ok());
}

#[test]
fn only_known_tables_are_read() {
    always("unknown table", "SELECT x FROM pg_tables");
    always("quoted table name", "SELECT x FROM '/etc/passwd'");
    always("quoted table name", "SELECT x FROM \"a.parquet\"");
    always("quoted table name", "SELECT x FROM `a.parquet`");
    always("table function", "SELECT x FROM read_csv('/etc/passwd')");
    always("table function", "SELECT x FROM UNNEST([1, 2]) AS t");
    always("table function", "SELECT x FROM TABLE(scan(1)) AS t");
    always("qualified table name", "SELECT x FROM main.k8s_pv");
    always(
        "quoted table name",
        "SELECT p.size_bytes AS x FROM k8s_pv AS \"p\"",
    );
    always(
        "unknown table",
        "SELECT x FROM (SELECT x FROM elsewhere) AS d",
    );
    always(
        "unknown table",
        "SELECT size_bytes FROM k8s_pv WHERE size_bytes IN (SELECT x FROM elsewhere)",
    );
    always(
        "which is the name of a table",
        "SELECT zfs_dataset.name AS name FROM k8s_pv AS zfs_dataset",
    );
    always(
        "whose name is taken",
        "WITH k8s_pv AS (SELECT id FROM zfs_dataset) SELECT id FROM k8s_pv",
    );
}

#[test]
fn tables_that_are_read_are_listed_even_in_subqueries() {
    let sql = "WITH c AS (SELECT leaf FROM zfs_dataset) SELECT p.name AS name FROM k8s_pv p ANTI JOIN c ON p.name = c.leaf";
    let linted = lint(sql, &catalog(), Mode::Strict).expect("valid");
    assert_eq!(
        linted.tables,
        ["k8s_pv", "zfs_dataset"].map(str::to_owned).into()
    );
}

#[test]
fn names_are_lower_case_known_and_unambiguous() {
    warns(
        "upper-case column",
        "SELECT size_bytes AS Total FROM k8s_pv",
    );
    warns("quoted column", "SELECT \"size_bytes\" FROM k8s_pv");
    always("unknown column", "SELECT size FROM k8s_pv");
    always(
        "ambiguous",
        "SELECT size_bytes FROM k8s_pv a JOIN k8s_pv b ON a.name = b.name",
    );
    always(
        "twice",
        "SELECT size_bytes, created AS size_bytes FROM k8s_pv",
    );
    always(
        "twice",
        "SELECT a.created AS x FROM k8s_pv a JOIN zfs_dataset a ON a.name = a.leaf",
    );
    rule(
        "without a name",
        "SELECT size_bytes + 1 FROM k8s_pv",
        "SELECT size_bytes + 1 AS more FROM k8s_pv",
    );
    let error = lint(
        "SELECT used_byte FROM zfs_dataset",
        &catalog(),
        Mode::Strict,
    )
    .expect_err("unknown");
    assert!(error.instead.contains("`used_bytes`"), "{error}");
}

#[test]
fn joins_have_forms_that_the_engine_reads_rightly() {
    let join = |kind: &str, on: &str| {
        format!("SELECT p.size_bytes AS x FROM k8s_pv p {kind} zfs_dataset d {on}")
    };
    let plain = join("JOIN", "ON p.name = d.leaf");
    rule(
        "this kind of join",
        &join("RIGHT JOIN", "ON p.name = d.leaf"),
        &join("LEFT JOIN", "ON p.name = d.leaf"),
    );
    rule("without ON", &join("JOIN", "USING (name)"), &plain);
    rule(
        "without ON",
        &join("NATURAL JOIN", ""),
        &join("CROSS JOIN", ""),
    );
    rule(
        "LEFT SEMI or LEFT ANTI",
        &join("LEFT ANTI JOIN", "ON p.name = d.leaf"),
        &join("ANTI JOIN", "ON p.name = d.leaf"),
    );
    rule(
        "does not compare",
        &join("LEFT JOIN", "ON p.name = d.leaf AND d.kind = 'volume'"),
        &plain,
    );
    rule(
        "does not compare",
        &join("JOIN", "ON p.name = d.leaf OR p.owner = d.leaf"),
        &plain,
    );
    rule(
        "does not compare",
        &join("JOIN", "ON p.created = p.size_bytes"),
        &plain,
    );
    rule("without alias", &join("JOIN", "ON name = d.leaf"), &plain);
    rule(
        "an inequality",
        &join("LEFT JOIN", "ON p.name = d.leaf AND p.created < d.id"),
        &join("JOIN", "ON p.name = d.leaf AND p.created < d.id"),
    );
    rule(
        "an inequality",
        &join("ANTI JOIN", "ON p.name <> d.leaf"),
        &join("FULL JOIN", "ON p.name = d.leaf"),
    );
    rule(
        "commas",
        "SELECT p.size_bytes AS x FROM k8s_pv p, zfs_dataset d",
        &join("CROSS JOIN", ""),
    );
    rule(
        "unknown column",
        "SELECT d.id AS id FROM k8s_pv p SEMI JOIN zfs_dataset d ON p.name = d.leaf",
        &join("SEMI JOIN", "ON p.name = d.leaf"),
    );
}

#[test]
fn grouping_is_by_plain_columns_and_covers_the_select() {
    rule(
        "GROUP BY size_bytes / 2",
        "SELECT COUNT(*) AS n FROM k8s_pv GROUP BY size_bytes / 2",
        "SELECT phase, COUNT(*) AS n FROM k8s_pv GROUP BY phase",
    );
    rule(
        "GROUP BY 1",
        "SELECT phase, COUNT(*) AS n FROM k8s_pv GROUP BY 1",
        "SELECT COUNT(*) AS n FROM k8s_pv GROUP BY phase",
    );
    always(
        "GROUP BY ALL",
        "SELECT phase, COUNT(*) AS n FROM k8s_pv GROUP BY ALL",
    );
    always(
        "ROLLUP",
        "SELECT phase, COUNT(*) AS n FROM k8s_pv GROUP BY phase WITH ROLLUP",
    );
    always(
        "no key of GROUP BY",
        "SELECT created, COUNT(*) AS n FROM k8s_pv GROUP BY phase",
    );
    always(
        "no key of GROUP BY",
        "SELECT phase, COUNT(*) AS n FROM k8s_pv",
    );
    always(
        "no key of GROUP BY",
        "SELECT phase, COUNT(*) AS n FROM k8s_pv GROUP BY phase HAVING created > 1",
    );
    always(
        "HAVING without",
        "SELECT COUNT(*) AS n FROM k8s_pv HAVING COUNT(*) > 1",
    );
    always(
        "sum inside",
        "SELECT SUM(SUM(created)) AS n FROM k8s_pv GROUP BY phase",
    );
    always(
        "count inside WHERE",
        "SELECT phase FROM k8s_pv WHERE COUNT(*) > 1",
    );
    rule(
        "SELECT DISTINCT",
        "SELECT DISTINCT phase FROM k8s_pv",
        "SELECT phase FROM k8s_pv GROUP BY phase",
    );
    rule(
        "the name of a column before it",
        "SELECT q.phase AS phase, COUNT(*) AS n FROM k8s_pv p JOIN k8s_pv q ON p.name = q.owner GROUP BY q.phase",
        "SELECT p.phase AS phase, d.kind AS kind, COUNT(q.phase) AS n FROM k8s_pv p JOIN k8s_pv q ON p.name = q.owner JOIN zfs_dataset d ON p.name = d.leaf GROUP BY p.phase, d.kind",
    );
    assert!(lint("SELECT phase, SUM(size_bytes) AS x FROM k8s_pv GROUP BY phase HAVING SUM(size_bytes) > 1", &catalog(), Mode::Strict).is_ok());
}

#[test]
fn set_operations_stand_alone() {
    let (a, b) = ("SELECT created FROM k8s_pv", "SELECT id FROM zfs_dataset");
    rule(
        "UNION",
        &format!("{a} UNION {b}"),
        &format!("{a} UNION ALL {b} UNION ALL {a}"),
    );
    rule(
        "EXCEPT of another",
        &format!("{a} EXCEPT {b} EXCEPT {a}"),
        &format!("{a} EXCEPT {b}"),
    );
    rule(
        "UNION of another",
        &format!("{a} EXCEPT {b} UNION ALL {a}"),
        &format!("{a} INTERSECT {b}"),
    );
    always("EXCEPT ALL", &format!("{a} EXCEPT ALL {b}"));
    always(
        "different column counts",
        &format!("{a} UNION ALL SELECT id, used_bytes FROM zfs_dataset"),
    );
    warns(
        "different types",
        &format!("{a} UNION ALL SELECT kind FROM zfs_dataset"),
    );
}

#[test]
fn with_stands_at_the_top() {
    rule(
        "RECURSIVE",
        "WITH RECURSIVE c AS (SELECT id FROM zfs_dataset) SELECT id FROM c",
        "WITH c AS (SELECT id FROM zfs_dataset) SELECT id FROM c",
    );
    always(
        "WITH inside",
        "SELECT id FROM (WITH c AS (SELECT id FROM zfs_dataset) SELECT id FROM c) AS d",
    );
    always(
        "unknown table `c`",
        "WITH b AS (SELECT id FROM c), c AS (SELECT id FROM zfs_dataset) SELECT id FROM b",
    );
    always(
        "without a name",
        "SELECT id FROM (SELECT id FROM zfs_dataset)",
    );
}

#[test]
fn wildcards_name_one_table() {
    rule(
        "* over a join",
        "SELECT * FROM k8s_pv p JOIN zfs_dataset d ON p.name = d.leaf",
        "SELECT * FROM k8s_pv p SEMI JOIN zfs_dataset d ON p.name = d.leaf",
    );
    rule(
        "d.*",
        "SELECT d.* FROM k8s_pv p JOIN zfs_dataset d ON p.name = d.leaf",
        "SELECT p.*, d.id FROM k8s_pv p JOIN zfs_dataset d ON p.name = d.leaf",
    );
    always(
        "* with options",
        "SELECT *, COUNT(*) AS n FROM k8s_pv GROUP BY phase",
    );
}

#[test]
fn windows_have_full_unambiguous_orders() {
    let window =
        |call: &str, spec: &str| format!("SELECT id, {call} OVER ({spec}) AS x FROM zfs_dataset");
    let order = "PARTITION BY appliance ORDER BY used_bytes NULLS LAST, id NULLS LAST";
    rule(
        "SUM(x) OVER",
        &window("SUM(used_bytes)", order),
        &window("SUM(used_bytes)", "PARTITION BY appliance"),
    );
    rule(
        "RANK",
        &window("RANK()", order),
        &window("ROW_NUMBER()", order),
    );
    rule(
        "without NULLS LAST",
        &window("ROW_NUMBER()", "ORDER BY id"),
        &window("ROW_NUMBER()", "ORDER BY id DESC NULLS LAST"),
    );
    rule(
        "without NULLS LAST",
        &window("LAG(id)", "ORDER BY id NULLS FIRST"),
        &window("LAG(id)", order),
    );
    rule(
        "mixed directions",
        &window(
            "ROW_NUMBER()",
            "ORDER BY id DESC NULLS LAST, used_bytes NULLS LAST",
        ),
        &window("LEAD(id, 2)", order),
    );
    always(
        "no number beside another",
        &window(
            "ROW_NUMBER()",
            "ORDER BY used_bytes NULLS LAST, kind NULLS LAST",
        ),
    );
    always("of a constant", "SELECT SUM(2) AS n FROM zfs_dataset");
    rule(
        "with a default",
        &window("LAG(id, 1, 0)", order),
        &format!(
            "WITH w AS ({}) SELECT COALESCE(x, 0) AS x FROM w",
            window("LAG(id, 1)", order)
        ),
    );
    always(
        "window frame",
        &window(
            "SUM(id)",
            "ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
        ),
    );
    always(
        "without ORDER BY",
        &window("ROW_NUMBER()", "PARTITION BY appliance"),
    );
    always("MAX OVER", &window("MAX(id)", "PARTITION BY appliance"));
    always(
        "as a window key",
        &window("ROW_NUMBER()", "ORDER BY id + 1 NULLS LAST"),
    );
    always(
        "window ORDER BY on a pseudonym",
        &window("ROW_NUMBER()", "ORDER BY path NULLS LAST"),
    );
    always(
        "in WHERE",
        "SELECT id FROM zfs_dataset WHERE ROW_NUMBER() OVER (ORDER BY id NULLS LAST) = 1",
    );
    always(
        "beside an aggregate",
        "SELECT appliance, COUNT(*) AS n, ROW_NUMBER() OVER (ORDER BY appliance NULLS LAST) AS r FROM zfs_dataset GROUP BY appliance",
    );
    tokens(
        &window("ROW_NUMBER()", "PARTITION BY path ORDER BY id NULLS LAST"),
        "id x",
    );
}

#[test]
fn arithmetic_avoids_what_engines_round_or_divide_differently() {
    let select = |expr: &str| format!("SELECT {expr} AS x FROM zfs_dataset");
    rule("% or MOD", &select("id % 4"), &select("id * 4"));
    rule("MOD", &select("MOD(id, 4)"), &select("id - 4"));
    rule("ROUND", &select("ROUND(share)"), &select("share * 100"));
    rule(
        "of a DOUBLE",
        &select("CAST(share AS BIGINT)"),
        &select("CAST(FLOOR(share) AS BIGINT)"),
    );
    rule(
        "of a DOUBLE",
        &select("CAST(id / 2 AS BIGINT)"),
        &select("CAST(id AS DOUBLE)"),
    );
    rule(
        "FLOOR outside",
        &select("FLOOR(share)"),
        &select("CAST(FLOOR(id / 2) AS BIGINT)"),
    );
    rule(
        "x / 0",
        &select("id / used_bytes"),
        &select("id / NULLIF(used_bytes, 0)"),
    );
    rule("x / 0", &select("id / 0"), &select("id / 10.5"));
    rule(
        "a cast of text",
        &select("CAST(kind AS BIGINT)"),
        &select("CAST(id AS STRING)"),
    );
    rule(
        "a cast to",
        &select("CAST(id AS INT)"),
        &select("CAST(id AS BIGINT)"),
    );
    always("a cast to", &select("CAST(id AS DATE)"));
    always("1e5", &select("id + 1e5"));
    always("no number", &select("id + kind"));
    warns(
        "different types",
        "SELECT id FROM zfs_dataset WHERE id = '5'",
    );
}

#[test]
fn truth_and_null_have_one_meaning() {
    let filter = |term: &str| format!("SELECT created FROM k8s_pv WHERE {term}");
    rule(
        "IS [NOT] TRUE",
        &filter("is_bound IS NOT TRUE"),
        &filter("COALESCE(is_bound, FALSE) = FALSE"),
    );
    rule(
        "IS [NOT] TRUE",
        &filter("is_bound IS TRUE"),
        &filter("is_bound"),
    );
    rule(
        "NULL in a list",
        &filter("phase IN ('a', NULL)"),
        &filter("phase IN ('a', 'b') OR phase IS NULL"),
    );
    rule("no condition", &filter("created"), &filter("NOT is_bound"));
    rule(
        "IS DISTINCT",
        &filter("phase IS DISTINCT FROM 'a'"),
        &filter("phase <> 'a'"),
    );
    rule(
        "of unknown type",
        "SELECT NULL AS x FROM k8s_pv",
        "SELECT CAST(NULL AS BIGINT) AS x FROM k8s_pv",
    );
}

#[test]
fn text_functions_are_the_few_that_agree() {
    let select = |expr: &str| format!("SELECT {expr} AS x FROM k8s_pv");
    rule(
        "CONCAT",
        &select("CONCAT(phase, 'x')"),
        &select("COALESCE(phase, '') || 'x'"),
    );
    rule(
        "POSITION",
        &select("POSITION('a' IN phase)"),
        &select("SUBSTRING(phase, 1, 2)"),
    );
    rule(
        "STRPOS",
        &select("STRPOS(phase, 'a')"),
        &select("SPLIT_PART(phase, '-', 1)"),
    );
    rule(
        "LOWER",
        &select("LOWER(phase)"),
        &select("UPPER(TRIM(phase))"),
    );
    rule(
        "backslash",
        &select("REGEXP_LIKE(phase, '\\w+')"),
        &select("REGEXP_LIKE(phase, '[a-z]+')"),
    );
    rule(
        "backslash",
        "SELECT created FROM k8s_pv WHERE phase = 'a\\b'",
        "SELECT created FROM k8s_pv WHERE phase LIKE 'a%'",
    );
    rule(
        "ESCAPE",
        "SELECT created FROM k8s_pv WHERE phase LIKE 'a!%' ESCAPE '!'",
        "SELECT created FROM k8s_pv WHERE phase NOT LIKE '%a'",
    );
    rule(
        "ILIKE",
        "SELECT created FROM k8s_pv WHERE phase ILIKE 'a%'",
        "SELECT created FROM k8s_pv WHERE UPPER(phase) LIKE 'A%'",
    );
    always(
        "computed pattern",
        "SELECT created FROM k8s_pv WHERE phase LIKE cluster",
    );
    always("the function SHA256", &select("SHA256(phase)"));
    always(
        "the function READ_TEXT",
        &select("read_text('/etc/passwd')"),
    );
    always(
        "the function QUANTILE_CONT",
        &select("QUANTILE_CONT(created, 0.5)"),
    );
    always("`TRIM(BOTH", &select("TRIM(BOTH 'x' FROM phase)"));
    always("a quote in a literal", &select("'it''s'"));
    always("a date function", &select("created - INTERVAL '1 day'"));
    always("a date function", &select("EXTRACT(YEAR FROM created)"));
    always("no text", &select("UPPER(created)"));
    always("no text", &select("LENGTH(created)"));
    rule(
        "is no text",
        &select("created || 'x'"),
        &select("CAST(created AS STRING) || 'x'"),
    );
}

#[test]
fn aggregates_are_the_listed_ones() {
    let select = |expr: &str| format!("SELECT {expr} AS x FROM zfs_dataset");
    rule(
        "DISTINCT or ALL",
        &select("SUM(DISTINCT id)"),
        &select("COUNT(DISTINCT id)"),
    );
    rule("the function", &select("FIRST(id)"), &select("MEDIAN(id)"));
    rule(
        "2 arguments",
        &select("COUNT(DISTINCT id, kind)"),
        &select("COVAR_SAMP(id, used_bytes) / NULLIF(VARIANCE(id), 0)"),
    );
    rule(
        "no number",
        &select("SUM(kind)"),
        &select("SUM(used_bytes) FILTER (WHERE kind = 'volume')"),
    );
    rule(
        "FILTER on",
        &select("UPPER(kind) FILTER (WHERE id = 1)"),
        &select("MAX(kind)"),
    );
    rule(
        "FILTER or DISTINCT",
        &select("COUNT(*) FILTER (WHERE id = 1) OVER ()"),
        &select("CORR(id, used_bytes)"),
    );
}

#[test]
fn order_and_limit_choose_nothing_by_chance() {
    rule(
        "ORDER BY without NULLS",
        "SELECT id FROM zfs_dataset ORDER BY id",
        "SELECT id FROM zfs_dataset ORDER BY id NULLS LAST",
    );
    rule(
        "ORDER BY used_bytes",
        "SELECT id FROM zfs_dataset ORDER BY used_bytes NULLS LAST",
        "SELECT id, used_bytes FROM zfs_dataset ORDER BY used_bytes NULLS FIRST",
    );
    always(
        "ORDER BY on a pseudonym",
        "SELECT path FROM zfs_dataset ORDER BY path NULLS LAST",
    );
    always(
        "ORDER BY on a pseudonym",
        "SELECT path || '/' || leaf AS x FROM zfs_dataset ORDER BY x NULLS LAST",
    );
    warns("LIMIT", "SELECT id FROM zfs_dataset LIMIT 5");
    always("OFFSET", "SELECT id FROM zfs_dataset LIMIT 5 OFFSET 5");
    always(
        "a clause after",
        "SELECT id FROM zfs_dataset FETCH FIRST 5 ROWS ONLY",
    );
    let ordered = "SELECT id FROM zfs_dataset ORDER BY id NULLS LAST LIMIT 5";
    assert!(lint(ordered, &catalog(), Mode::Strict).is_err());
    assert_eq!(
        lint(ordered, &catalog(), Mode::Lenient)
            .expect("typed")
            .warnings,
        []
    );
}

#[test]
fn subqueries_are_terms_of_where() {
    let pv = |term: &str| format!("SELECT name FROM k8s_pv WHERE {term}");
    rule(
        "scalar subquery",
        &pv("created = (SELECT id FROM zfs_dataset)"),
        &pv("name IN (SELECT leaf FROM zfs_dataset)"),
    );
    rule(
        "inside an expression",
        &pv("is_bound OR name IN (SELECT leaf FROM zfs_dataset)"),
        &pv("is_bound AND name IN (SELECT leaf FROM zfs_dataset)"),
    );
    rule(
        "several columns",
        &pv("name IN (SELECT leaf, path FROM zfs_dataset)"),
        &pv("created IN (SELECT id FROM zfs_dataset WHERE kind = 'volume')"),
    );
    let exists = |term: &str| {
        format!(
            "SELECT p.name AS name FROM k8s_pv p WHERE NOT EXISTS (SELECT 1 AS one FROM zfs_dataset d WHERE {term})"
        )
    };
    rule(
        "without inner.column",
        &exists("d.kind = 'volume'"),
        &exists("d.leaf = p.name AND d.kind = 'volume'"),
    );
    rule(
        "outer column",
        &exists("d.leaf = p.name AND d.id < p.created"),
        &exists("p.name = d.leaf"),
    );
    rule(
        "EXISTS beside a join",
        "SELECT p.name AS name FROM k8s_pv p JOIN k8s_pv q ON p.name = q.owner WHERE NOT EXISTS (SELECT 1 AS one FROM zfs_dataset d WHERE d.leaf = q.name)",
        &exists("d.leaf = p.name"),
    );
    rule(
        "a name of both tables",
        "SELECT p.name AS name FROM k8s_pv p WHERE EXISTS (SELECT 1 AS one FROM k8s_pv q WHERE q.owner = p.name AND q.phase = 'a')",
        "WITH q AS (SELECT owner FROM k8s_pv WHERE phase = 'a') SELECT p.name AS name FROM k8s_pv p WHERE EXISTS (SELECT 1 AS one FROM q WHERE q.owner = p.name)",
    );
    rule(
        "more than SELECT",
        &exists("d.leaf = p.name LIMIT 1"),
        &exists("d.leaf = p.name"),
    );
    let linted = lint(
        &pv("name NOT IN (SELECT leaf FROM zfs_dataset)"),
        &catalog(),
        Mode::Strict,
    )
    .expect("runs");
    assert!(
        linted.warnings[0].construct.contains("NOT IN"),
        "{:?}",
        linted.warnings
    );
}

#[test]
fn pseudonyms_are_never_taken_apart_or_ordered() {
    let select = |expr: &str| format!("SELECT {expr} AS x FROM zfs_dataset");
    for function in [
        "UPPER(path)",
        "TRIM(path)",
        "LENGTH(path)",
        "SUBSTRING(path, 1, 2)",
        "SPLIT_PART(path, '/', 1)",
        "REPLACE(path, 'a', 'b')",
        "REGEXP_LIKE(path, '[a]')",
    ] {
        always("on a pseudonym", &select(function));
    }
    lint(&select("LOWER(path)"), &catalog(), Mode::Lenient)
        .expect_err("a text function outside the dialect");
    always(
        "LIKE on a pseudonym",
        "SELECT id FROM zfs_dataset WHERE path LIKE 'a%'",
    );
    always("on a pseudonym", &select("MIN(path)"));
    always("on a pseudonym", &select("MAX(leaf)"));
    always(
        "on a pseudonym",
        "SELECT id FROM zfs_dataset WHERE path < leaf",
    );
    always(
        "on a pseudonym",
        "SELECT id FROM zfs_dataset WHERE path BETWEEN 'a' AND 'b'",
    );
    always(
        "on a pseudonym",
        "WITH c AS (SELECT COALESCE(path, '') AS p FROM zfs_dataset) SELECT UPPER(p) AS x FROM c",
    );
    always(
        "on a pseudonym",
        "SELECT d.x AS x FROM (SELECT CASE WHEN id = 1 THEN kind ELSE leaf END AS x FROM zfs_dataset) AS d WHERE d.x LIKE 'a%'",
    );
    tokens(&select("COUNT(DISTINCT path)"), "x");
    tokens(
        "SELECT path, COUNT(*) AS n FROM zfs_dataset GROUP BY path",
        "path! n",
    );
}

#[test]
fn pseudonyms_equal_pseudonyms_or_nothing() {
    let filter = |term: &str| format!("SELECT id FROM zfs_dataset WHERE {term}");
    rule(
        "with a literal",
        &filter("path = 'tank'"),
        &filter("path <> ''"),
    );
    rule(
        "with a literal",
        &filter("path IN ('tank', '')"),
        &filter("path = leaf"),
    );
    rule(
        "with a literal",
        &filter("path = :wanted"),
        &filter("kind = :wanted"),
    );
    rule(
        "with a readable",
        &filter("path = kind"),
        &filter("kind = appliance"),
    );
    rule(
        "with a readable",
        "SELECT kind FROM zfs_dataset EXCEPT SELECT name FROM k8s_pv",
        "SELECT leaf FROM zfs_dataset EXCEPT SELECT name FROM k8s_pv",
    );
    rule(
        "with a literal",
        "SELECT CASE path WHEN 'a' THEN 1 ELSE 2 END AS x FROM zfs_dataset",
        "SELECT CASE kind WHEN 'a' THEN 1 ELSE 2 END AS x FROM zfs_dataset",
    );
    rule(
        "with a readable",
        "SELECT name FROM k8s_pv WHERE name IN (SELECT kind FROM zfs_dataset)",
        "SELECT name FROM k8s_pv WHERE name IN (SELECT leaf FROM zfs_dataset)",
    );
    warns("with a literal", &filter("path = 'ds-abc'"));
}

#[test]
fn pseudonyms_are_joined_by_separators_only() {
    let select = |expr: &str| format!("SELECT {expr} AS x FROM zfs_dataset");
    always("|| of a pseudonym", &select("path || '-' || leaf"));
    always("|| of a pseudonym", &select("path || kind"));
    always("|| of a pseudonym", &select("'pvc-' || leaf"));
    tokens(&select("path || '/' || leaf"), "x!");
    tokens(&select("path || '@' || COALESCE(leaf, '')"), "x!");
    tokens(&select("kind || '-' || appliance"), "x");
}

#[test]
fn classes_pass_through_every_way_a_value_can_take() {
    tokens(
        "SELECT *, 1 AS one FROM zfs_dataset",
        "path! leaf! appliance kind id used_bytes share one",
    );
    tokens(
        "SELECT CASE WHEN id = 1 THEN path END AS a, NULLIF(leaf, '') AS b, COALESCE(kind, 'x') AS c FROM zfs_dataset",
        "a! b! c",
    );
    tokens(
        "SELECT kind AS x FROM zfs_dataset UNION ALL SELECT name FROM k8s_pv",
        "x!",
    );
    tokens(
        "SELECT LAG(path) OVER (ORDER BY id NULLS LAST) AS x, CAST(leaf AS STRING) AS y FROM zfs_dataset",
        "x! y!",
    );
    tokens(
        "WITH c AS (SELECT leaf AS l FROM zfs_dataset) SELECT d.l AS x FROM (SELECT l FROM c) AS d",
        "x!",
    );
}

#[test]
fn kinds_and_nullability_follow_the_expression() {
    let sql = "SELECT d.id / 2 AS half, COUNT(*) AS n FROM k8s_pv p LEFT JOIN zfs_dataset d ON p.name = d.leaf GROUP BY d.id";
    let columns = lint(sql, &catalog(), Mode::Strict).expect("valid").columns;
    let kinds: Vec<_> = columns
        .iter()
        .map(|column| (column.kind, column.nullable))
        .collect();
    assert_eq!(
        kinds,
        [
            (Some(ColumnKind::Float), true),
            (Some(ColumnKind::Integer), false)
        ]
    );
}

#[test]
fn the_column_cluster_is_a_name_after_a_comma_too() {
    tokens(
        "SELECT phase, cluster, COUNT(*) AS n FROM k8s_pv GROUP BY phase, cluster",
        "phase cluster n",
    );
}

#[test]
fn hostile_lengths_are_refused_before_they_are_walked() {
    let chain = |n_terms: usize, between: &str| {
        format!(
            "SELECT {} AS x FROM k8s_pv",
            vec!["1"; n_terms].join(between)
        )
    };
    always("so many operators", &chain(2000, " + "));
    always("so many operators", &chain(102, " + "));
    always("this deep", &chain(101, " + "));
    assert!(lint(&chain(60, " + "), &catalog(), Mode::Strict).is_ok());
    let cases = vec!["WHEN created = 1 THEN 2"; 400].join(" ");
    assert!(
        lint(
            &format!("SELECT CASE {cases} END AS x FROM k8s_pv"),
            &catalog(),
            Mode::Strict
        )
        .is_ok()
    );
    always(
        "64 KiB",
        &format!("SELECT '{}' AS x FROM k8s_pv", "a".repeat(70_000)),
    );
    let nested = |depth: usize| {
        format!(
            "SELECT {}1{} AS x FROM k8s_pv",
            "(".repeat(depth),
            ")".repeat(depth)
        )
    };
    always("so many operators", &nested(5000));
    assert!(lint(&nested(10), &catalog(), Mode::Strict).is_ok());
}
