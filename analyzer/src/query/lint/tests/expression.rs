//! Arithmetic, truth, kinds.

use super::*;

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
