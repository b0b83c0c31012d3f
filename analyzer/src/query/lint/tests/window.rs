//! Windows.

use super::*;

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
