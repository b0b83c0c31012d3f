//! What becomes of findings of the three checks.

use super::*;
use crate::checks::{Grade, Severity};

fn finding(check: &str, bytes: Option<i64>, evidence: &[(&str, Value)]) -> Finding {
    let evidence = evidence.iter();
    Finding {
        check_id: check.to_owned(),
        scope: "nas".to_owned(),
        subject_table: "k8s_pvc".to_owned(),
        subject: "data".to_owned(),
        grade: Grade::Confirmed,
        severity: Severity::Low,
        effective_severity: Severity::Low,
        bytes,
        points: None,
        evidence: evidence
            .map(|(column, value)| ((*column).to_owned(), value.clone()))
            .collect(),
        fingerprint: String::new(),
    }
}

#[track_caller]
fn check(finding: &Finding, expect: &str) {
    let near = Near::of(finding).expect("a finding of ours");
    assert_eq!(
        near.text(),
        format!("{expect}    full      no date: it was not read before\n")
    );
}

#[test]
fn each_check_has_its_own_limit() {
    let number = Value::Integer;
    check(
        &finding(
            "CAP-010",
            None,
            &[("live_bytes", number(95)), ("refquota_bytes", number(100))],
        ),
        "  data of nas\n    refquota  95.0 % of 100 B (CAP-010)\n",
    );
    let namespace = ("namespace", Value::Text("shop".to_owned()));
    check(
        &finding(
            "CAP-009",
            None,
            &[
                namespace.clone(),
                ("n_used_inodes", number(91)),
                ("n_inodes", number(100)),
            ],
        ),
        "  data of shop\n    inodes    91.0 % of 100 (CAP-009)\n",
    );
    // Of a size of 1000, 50 are kept for root: 900 of 950 are used.
    check(
        &finding(
            "CAP-008",
            Some(50),
            &[
                namespace,
                ("used_bytes", number(900)),
                ("capacity_bytes", number(1_000)),
            ],
        ),
        "  data of shop\n    space     94.8 % of 950 B (CAP-008)\n",
    );
}

#[test]
fn other_findings_and_rows_without_a_number_are_left_out() {
    assert!(Near::of(&finding("CAP-001", Some(1), &[])).is_none());
    assert!(Near::of(&finding("CAP-010", None, &[("live_bytes", Value::Null)])).is_none());
    let all = crate::checks::built_in().unwrap();
    let ours = all.iter().filter(|check| is_ours(check));
    let ids: Vec<&str> = ours.map(|check| check.page.id.as_str()).collect();
    assert_eq!(ids, ["CAP-008", "CAP-009", "CAP-010"]);
}

#[test]
fn a_text_lists_the_first_and_counts_the_rest() {
    let found = || {
        let evidence = [
            ("live_bytes", Value::Integer(9)),
            ("refquota_bytes", Value::Integer(10)),
        ];
        Near::of(&finding("CAP-010", None, &evidence)).unwrap()
    };
    let all = [found(), found(), found()];
    let text = super::text(&all, 0, 2);
    assert_eq!(text.matches("refquota").count(), 2);
    assert!(
        text.ends_with("  and 1 more; `--top` shows more\n"),
        "{text}"
    );
    assert_eq!(super::text(&[], 0, 2), "");
}
