//! The runner must fail for every wrong case as surely as it passes the right ones.

use std::sync::LazyLock;

use super::*;

const PAGE: &str = "\
---
id: CAP-008
title: Claim near full
severity: medium
scope: cluster
needs: [k8s_pvc]
population: claim
since: \"1\"
thresholds:
  limit_percent: {default: 90, unit: percent, authority: ours}
---
## What
A claim.
## Why
Writes fail.
## Fix
Grow it.
";

const SQL: &str = "
SELECT namespace AS subject, 'k8s_pvc' AS subject_table, cluster, used_bytes AS bytes,
       CASE WHEN used_bytes >= capacity_bytes THEN 'critical' ELSE 'medium' END AS severity,
       capacity_bytes
FROM claim
WHERE used_bytes * 100 >= capacity_bytes * :limit_percent";

static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
    vec![View {
        name: std::borrow::Cow::Borrowed("claim"),
        sql: Statement::of(
            "SELECT * FROM k8s_pvc WHERE used_bytes IS NOT NULL AND capacity_bytes > 0",
        ),
    }]
});

const FINDS: &str = "
[[k8s_pvc]]
namespace = \"n-1\"
capacity_bytes = 100
used_bytes = 95

[[expect]]
subject = \"n-1\"
severity = \"medium\"
scope = \"c\"
bytes = 95
evidence = { capacity_bytes = 100 }
";

fn catalog() -> Catalog {
    let columns = vec![
        CatalogColumn::plain("cluster", ColumnKind::Text),
        CatalogColumn::token("namespace"),
        CatalogColumn::plain("capacity_bytes", ColumnKind::Integer),
        CatalogColumn::plain("used_bytes", ColumnKind::Integer),
    ];
    Catalog {
        tables: [("k8s_pvc".to_owned(), columns)].into(),
    }
}

fn check() -> Check {
    Check::parse("capacity/cap-008-claim-near-full", PAGE, SQL).expect("a valid page")
}

/// Runs one case; nothing means that it holds.
fn outcome(name: &str, text: &str) -> Option<String> {
    outcome_of(&check(), name, text)
}

fn outcome_of(check: &Check, name: &str, text: &str) -> Option<String> {
    let case = Case {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let failures = run_cases(check, &[case], &VIEWS, &catalog());
    failures
        .into_iter()
        .find(|failure| failure.case == name)
        .map(|failure| failure.reason)
}

#[track_caller]
fn fails(name: &str, text: &str, part: &str) {
    let reason = outcome(name, text).expect("the case must fail");
    assert!(reason.contains(part), "{reason}");
}

fn without_expect(text: &str) -> &str {
    text.split("[[expect]]").next().unwrap_or_default()
}

#[test]
fn right_cases_hold() {
    assert_eq!(outcome("finds_full", FINDS), None);
    let below = without_expect(FINDS).replace("95", "89");
    assert_eq!(outcome("ignores_below", &below), None);
    assert_eq!(
        outcome(
            "ignores_unmounted",
            &without_expect(FINDS).replace("used_bytes = 95", "")
        ),
        None
    );
    assert_eq!(outcome("ignores_nothing", ""), None);
    let boundary = FINDS.replace("95", "90");
    assert_eq!(outcome("finds_boundary", &boundary), None);
}

#[test]
fn a_missing_an_extra_and_a_different_finding_fail() {
    fails(
        "finds_x",
        &FINDS.replace("used_bytes = 95", "used_bytes = 80"),
        "expected and not found: [Expect",
    );
    fails(
        "ignores_x",
        without_expect(FINDS),
        "found and not expected: [Finding",
    );
    fails(
        "finds_x",
        &FINDS.replace("\"medium\"", "\"high\""),
        "expected and not found",
    );
    fails(
        "finds_x",
        &FINDS.replace("bytes = 95\nevidence", "bytes = 94\nevidence"),
        "expected and not found",
    );
    fails(
        "finds_x",
        &FINDS.replace("{ capacity_bytes = 100 }", "{ capacity_bytes = 101 }"),
        "expected and not found",
    );
    fails(
        "finds_x",
        &FINDS.replace("{ capacity_bytes = 100 }", "{ other = 100 }"),
        "expected and not found",
    );
    let twice = format!("{FINDS}\n[[expect]]\nsubject = \"n-1\"\n");
    fails("finds_x", &twice, "expected and not found");
}

#[test]
fn a_case_says_which_items_of_the_fix_are_for_a_finding() {
    let page = |when: &str| {
        let page = PAGE.replace("thresholds:", &format!("when: {when}\nthresholds:"));
        let page = page.replace("Grow it.", "1. Grow it.\n2. Wait.");
        let sql = SQL.replace(
            "capacity_bytes\nFROM",
            "capacity_bytes, 'full' AS cause\nFROM",
        );
        Check::parse("capacity/cap-008-claim-near-full", &page, &sql).expect("a valid page")
    };
    let of = |when: &str, items: &str| {
        let text = FINDS.replace("scope =", &format!("items = {items}\nscope ="));
        outcome_of(&page(when), "finds_x", &text)
    };
    let causes = "{1: {cause: [full]}, 2: {cause: [half]}}";
    assert_eq!(of(causes, "[1]"), None);
    for (when, items, part) in [
        (causes, "[1, 2]", "expected and not found"),
        (causes, "[]", "expected and not found"),
        ("{}", "[1, 2]", "expected and not found"),
        ("{1: {kind: [full]}}", "[2]", "column `kind`, which no row"),
        (
            "{1: {cause: [none]}, 2: {cause: [half]}}",
            "[]",
            "no item of the fix is for n-1",
        ),
    ] {
        let reason = of(when, items).expect("the case must fail");
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn names_say_what_a_case_shows() {
    fails("full", FINDS, "neither");
    fails("finds_x", without_expect(FINDS), "expects nothing");
    fails("ignores_x", FINDS, "expects a finding");
}

#[test]
fn tables_columns_and_types_are_checked() {
    fails(
        "finds_x",
        &FINDS.replace("[[k8s_pvc]]", "[[k8s_pv]]"),
        "no table `k8s_pv`",
    );
    fails(
        "finds_x",
        &FINDS.replace("capacity_bytes = 100\n", "capacity = 100\n"),
        "no column `capacity`",
    );
    fails(
        "finds_x",
        &FINDS.replace("used_bytes = 95", "used_bytes = \"95\""),
        "is Integer",
    );
    fails(
        "finds_x",
        &FINDS.replace("bytes = 95\nevidence", "bites = 95\nevidence"),
        "bites",
    );
    fails("finds_x", "[[", "");
}

#[test]
fn parameters_and_completeness_are_part_of_a_case() {
    let params = "[params]\nlimit_percent = 96\n";
    assert_eq!(
        outcome("ignores_x", &format!("{params}{}", without_expect(FINDS))),
        None
    );
    fails("ignores_x", "[params]\nlimit = 96\n", "broken");
    let short = "[[complete]]\ntable = \"k8s_pvc\"\nscope = \"c\"\nstate = \"incomplete\"\noutcome = \"denied\"\n";
    assert_eq!(
        outcome("ignores_x", &format!("{short}{}", without_expect(FINDS))),
        None
    );
    fails(
        "ignores_x",
        &short.replace("\"c\"", "\"d\""),
        "needs no list",
    );
    fails(
        "ignores_x",
        &short.replace("incomplete", "short"),
        "no state",
    );
}

#[test]
fn rows_may_name_their_scope() {
    let other = FINDS
        .replace("namespace", "cluster = \"c2\"\nnamespace")
        .replace("scope = \"c\"", "scope = \"c2\"");
    assert_eq!(outcome("finds_x", &other), None);
}

#[test]
fn each_check_has_two_cases_of_each_sort() {
    let case = |name: &str, text: &str| Case {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let cases = [
        case("finds_a", FINDS),
        case("finds_b", FINDS),
        case("ignores_a", ""),
        case("ignores_b", ""),
    ];
    assert_eq!(run_cases(&check(), &cases, &VIEWS, &catalog()), []);
    for missing in 0..cases.len() {
        let mut fewer = cases.to_vec();
        fewer.remove(missing);
        assert_eq!(run_cases(&check(), &fewer, &VIEWS, &catalog()).len(), 1);
    }
}

#[test]
fn a_broken_view_or_check_fails_the_case() {
    let views = [View {
        name: std::borrow::Cow::Borrowed("claim"),
        sql: "SELECT nothing FROM k8s_pvc".into(),
    }];
    let case = Case {
        name: "ignores_x".to_owned(),
        text: String::new(),
    };
    let failures = run_cases(&check(), std::slice::from_ref(&case), &views, &catalog());
    assert!(
        failures
            .iter()
            .any(|failure| failure.reason.contains("view claim")),
        "{failures:?}"
    );
    let broken = Check {
        sql: "SELECT nothing FROM claim".into(),
        ..check()
    };
    let failures = run_cases(&broken, &[case], &VIEWS, &catalog());
    assert!(
        failures
            .iter()
            .any(|failure| failure.reason.contains("broken")),
        "{failures:?}"
    );
}

#[test]
fn cases_are_read_sorted_and_only_from_toml_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cases = folder.path().join("cases");
    fs::create_dir(&cases).expect("a writable folder");
    for name in ["ignores_b.toml", "finds_a.toml", "notes.md"] {
        fs::write(cases.join(name), name).expect("a writable folder");
    }
    let names: Vec<_> = read_cases(folder.path())
        .expect("readable")
        .into_iter()
        .map(|case| case.name)
        .collect();
    assert_eq!(names, ["finds_a", "ignores_b"]);
}

/// Cases of one area; the areas run side by side.
#[track_caller]
fn holds(area: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let catalog = crate::tables::catalog();
    let checks = crate::checks::built_in().expect("every page is valid");
    let of_area = checks
        .iter()
        .filter(|check| check.directory.split('/').next() == Some(area));
    let mut n_checks = 0;
    let failures: Vec<_> = of_area
        .inspect(|_| n_checks += 1)
        .flat_map(|check| {
            let cases = read_cases(&root.join(&check.directory)).expect("a folder of cases");
            run_cases(check, &cases, crate::checks::built_in_views(), &catalog)
        })
        .map(|failure| failure.to_string())
        .collect();
    assert!(n_checks > 0, "no check in {area}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

macro_rules! areas {
    ($($area:ident)*) => {
        $(
            #[test]
            fn $area() {
                holds(stringify!($area));
            }
        )*

        #[test]
        fn every_area_is_tested() {
            let areas = [$(stringify!($area)),*];
            for check in crate::checks::built_in().expect("every page is valid") {
                let area = check.directory.split('/').next().unwrap_or_default();
                assert!(areas.contains(&area), "{area}");
            }
        }
    };
}

areas! { availability capacity configuration orphans performance practice restore snapshots }
