//! Joins, groups and subqueries.

use super::*;

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
