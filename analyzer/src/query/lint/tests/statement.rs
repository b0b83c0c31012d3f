//! What a statement is, and what it may name.

use super::*;

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
