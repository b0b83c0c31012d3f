//! Pseudonyms.

use super::*;

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
fn the_column_cluster_is_a_name_after_a_comma_too() {
    tokens(
        "SELECT phase, cluster, COUNT(*) AS n FROM k8s_pv GROUP BY phase, cluster",
        "phase cluster n",
    );
}
