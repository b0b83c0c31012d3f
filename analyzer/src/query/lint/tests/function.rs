//! Functions of text and aggregates.

use super::*;

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
