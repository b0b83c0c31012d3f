//! Pages that are read, and what is refused with its line.

use super::*;

const PAGE: &str = "\
---
id: ORP-001
title: Dataset without a volume
severity: high
scope: appliance
needs: [zfs_dataset, k8s_pv]
population: zfs_dataset
since: \"1\"
thresholds:
  min_age_secs: {default: 86400, unit: s, authority: ours}
modes: [F02]
---

## What

A dataset.

## Why
Space.
## Fix

Look first.
";

#[track_caller]
fn check(text: &str, expect: Result<(), (usize, &str)>) {
    match (parse("check.md", text), expect) {
        (Ok(_), Ok(())) => {}
        (Err(error), Err((line, part))) => {
            assert!(error.reason.contains(part), "{error}");
            assert_eq!(error.line, line, "{error}");
            assert_eq!(error.file, "check.md");
        }
        (got, expect) => panic!("{got:?} in place of {expect:?}"),
    }
}

#[test]
fn a_full_page_is_read() {
    let page = parse("check.md", PAGE).expect("a valid page");
    assert_eq!(
        (page.id.as_str(), page.scope, page.severity),
        ("ORP-001", Scope::Appliance, Severity::High)
    );
    assert_eq!(
        page.thresholds["min_age_secs"].default,
        ParamValue::Integer(86400)
    );
    assert_eq!(
        (page.what.as_str(), page.why.as_str(), page.fix.as_str()),
        ("A dataset.", "Space.", "Look first.")
    );
    assert_eq!(page.traps, None);
}

#[test]
fn unknown_keys_and_values_are_refused_with_their_line() {
    check(PAGE, Ok(()));
    check(&PAGE.replace("modes:", "mode:"), Err((11, "mode")));
    check(
        &PAGE.replace("severity: high", "severity: severe"),
        Err((4, "severe")),
    );
    check(
        &PAGE.replace("authority: ours", "source: ours"),
        Err((10, "source")),
    );
}

#[test]
fn ids_names_and_thresholds_are_checked() {
    check(&PAGE.replace("ORP-001", "ORP-1"), Err((2, "three digits")));
    check(
        &PAGE.replace("k8s_pv]", "K8sPv]"),
        Err((6, "no table name")),
    );
    check(
        &PAGE.replace("since:", "adds: [k8s_pv]\nsince:"),
        Err((8, "`k8s_pv` is named twice")),
    );
    check(
        &PAGE.replace("min_age_secs", "now"),
        Err((9, "no parameter name")),
    );
    check(&PAGE.replace("unit: s", "unit: \" \""), Err((9, "no unit")));
}

#[test]
fn headings_are_required_known_and_single() {
    check(&PAGE.replace("## Why", "## Reason"), Err((18, "Reason")));
    check(&PAGE.replace("## Why\nSpace.\n", ""), Err((13, "## Why")));
    check(&PAGE.replace("Look first.", ""), Err((13, "## Fix")));
    check(&PAGE.replace("## Fix", "## Why"), Err((20, "twice")));
    check(
        &PAGE.replace("\n## What", "Hello.\n## What"),
        Err((13, "before the first heading")),
    );
}

const CAUSES: &str = "when:\n  1: {cause: [gone, off], kind: [nfs]}\n  2: {cause: [off]}\n";

fn page_of_causes() -> String {
    let page = PAGE.replace("modes:", &format!("{CAUSES}modes:"));
    page.replace("Look first.", "1. One,\n   and more.\n2. Two.\n3. Three.")
}

#[test]
fn an_item_is_for_rows_that_hold_its_words_in_every_column() {
    let page = parse("check.md", &page_of_causes()).expect("a valid page");
    let items = |cells: &[(&str, &str)]| {
        let cells = cells.iter();
        let row: Vec<(String, Value)> = cells
            .map(|(column, word)| ((*column).to_owned(), Value::Text((*word).to_owned())))
            .collect();
        page.items_for(&row).expect("a page with `when`")
    };
    assert_eq!(items(&[("cause", "gone"), ("kind", "nfs")]), [1, 3]);
    assert_eq!(items(&[("cause", "gone"), ("kind", "smb")]), [3]);
    assert_eq!(items(&[("cause", "off"), ("kind", "nfs")]), [1, 2, 3]);
    assert_eq!(items(&[("cause", "off")]), [2, 3]);
    assert_eq!(items(&[]), [3]);
    let plain = parse("check.md", PAGE).expect("a valid page");
    assert!(plain.is_for(1, &[]) && plain.items_for(&[]).is_none());
}

#[test]
fn items_of_when_are_numbered_items_of_the_fix() {
    let page = page_of_causes();
    check(&page, Ok(()));
    check(&page.replace("  2: {", "  4: {"), Err((11, "no item 4")));
    check(&page.replace("2. Two", "5. Two"), Err((11, "not numbered")));
    check(&page.replace("[off]}", "[]}"), Err((11, "for no finding")));
    check(
        &page.replace("{cause: [off]}", "{}"),
        Err((11, "for no finding")),
    );
    check(&page.replace("kind:", "Kind:"), Err((11, "no column name")));
    check(&page.replace("  2: {", "  two: {"), Err((13, "")));
}

#[test]
fn a_page_without_front_matter_is_refused() {
    check("## What\n\nA dataset.\n", Err((1, "front matter")));
    check("---\nid: ORP-001\n", Err((1, "front matter")));
}
