//! One inline check over two appliances and two clusters, with every way a list can be short.

use super::*;
use crate::checks::completeness::TableState;
use crate::checks::finding::Grade;
use crate::checks::page::Severity;
use crate::checks::{Places, run_placed};
use crate::query::{Catalog, CatalogColumn, ColumnKind, Value};
use polars::prelude::df;

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
  min_age_secs: {default: 100, unit: s, authority: ours}
---
## What
A dataset.
## Why
Space.
## Fix
Look first.
";

const SQL: &str = "
SELECT d.path AS subject, 'zfs_dataset' AS subject_table, d.appliance AS appliance, d.used_bytes AS bytes,
       CASE WHEN d.used_bytes > 50 THEN 'confirmed' ELSE 'candidate' END AS grade, :now - d.created AS age_secs
FROM zfs_dataset d
ANTI JOIN k8s_pv p ON d.leaf = p.name
WHERE :now - d.created >= :min_age_secs";

fn check() -> Check {
    Check::parse("orphans/orp-001-dataset-without-pv", PAGE, SQL).expect("a valid page")
}

fn session() -> Session {
    let dataset = vec![
        CatalogColumn::plain("appliance", ColumnKind::Text),
        CatalogColumn::token("path"),
        CatalogColumn::token("leaf"),
        CatalogColumn::plain("used_bytes", ColumnKind::Integer),
        CatalogColumn::plain("created", ColumnKind::Integer),
    ];
    let pv = vec![
        CatalogColumn::plain("cluster", ColumnKind::Text),
        CatalogColumn::token("name"),
    ];
    let mut session = Session::new(Catalog::default());
    let frame = df!(
        "appliance" => ["a1", "a1", "a1", "a2", "a2"],
        "path" => ["t/1", "t/2", "t/3", "t/1", "t/4"],
        "leaf" => ["1", "2", "3", "1x", "4"],
        "used_bytes" => [60i64, 70, 80, 10, 20],
        "created" => [0i64, 0, 950, 0, 0],
    );
    session
        .register(
            "zfs_dataset",
            frame.expect("columns of one length"),
            dataset,
        )
        .expect("a valid table");
    let frame =
        df!("cluster" => ["c1", "c2"], "name" => ["2", "4"]).expect("columns of one length");
    session
        .register("k8s_pv", frame, pv)
        .expect("a valid table");
    session
}

fn complete() -> Completeness {
    let lists = [
        ("zfs_dataset", "a1"),
        ("zfs_dataset", "a2"),
        ("k8s_pv", "c1"),
        ("k8s_pv", "c2"),
    ];
    Completeness {
        states: lists
            .map(|(table, id)| ((table.to_owned(), id.to_owned()), TableState::Complete))
            .into(),
        appliances: vec!["a2".to_owned(), "a1".to_owned()],
        clusters: vec!["c1".to_owned(), "c2".to_owned()],
    }
}

fn run(check: &Check, completeness: &Completeness, thresholds: &Overrides) -> Vec<CheckResult> {
    let session = session();
    run_check(check, &RunInput::sample(&session, completeness, thresholds))
}

/// `scope: state, subjects` for each result.
#[track_caller]
fn expect(check: &Check, completeness: &Completeness, lines: &[&str]) {
    let results = run(check, completeness, &Overrides::new());
    let found = results.iter().map(|result| {
        let subjects: Vec<_> = result
            .findings
            .iter()
            .map(|finding| finding.subject.as_str())
            .collect();
        format!(
            "{}: {:?} [{}]",
            result.scope,
            result.state,
            subjects.join(" ")
        )
    });
    assert_eq!(found.collect::<Vec<_>>(), lines);
}

fn with(table: &str, id: &str, state: TableState) -> Completeness {
    let mut completeness = complete();
    completeness
        .states
        .insert((table.to_owned(), id.to_owned()), state);
    completeness
}

fn scoped(scope: &str) -> Check {
    let page = PAGE
        .replace("scope: appliance", &format!("scope: {scope}"))
        .replace("population: zfs_dataset", "population: k8s_pv");
    let sql = if scope == "cluster" {
        "SELECT name AS subject, 'k8s_pv' AS subject_table, cluster FROM k8s_pv WHERE :now >= :min_age_secs"
    } else {
        "SELECT name AS subject, 'k8s_pv' AS subject_table FROM k8s_pv WHERE :now >= :min_age_secs"
    };
    Check::parse("orphans/orp-001-x", &page, sql).expect("a valid page")
}

#[test]
fn rows_go_to_their_scope_and_results_are_sorted() {
    expect(&check(), &complete(), &["a1: Fail [t/1]", "a2: Fail [t/1]"]);
}

#[test]
fn an_appliance_that_is_down_blinds_only_itself() {
    let completeness = with(
        "zfs_dataset",
        "a2",
        TableState::Incomplete("timed-out".to_owned()),
    );
    expect(
        &check(),
        &completeness,
        &[
            "a1: Fail [t/1]",
            "a2: NotEvaluated(\"zfs_dataset of a2: timed-out\") []",
        ],
    );
}

#[test]
fn a_cluster_with_a_short_list_blinds_every_appliance() {
    let completeness = with("k8s_pv", "c2", TableState::Incomplete("denied".to_owned()));
    let reason = "NotEvaluated(\"k8s_pv of c2: denied\") []";
    expect(
        &check(),
        &completeness,
        &[&format!("a1: {reason}"), &format!("a2: {reason}")],
    );
}

#[test]
fn lists_that_were_not_planned_or_not_served_are_not_applicable() {
    let completeness = with("k8s_pv", "c2", TableState::NotCollected);
    let reason = "NotApplicable(\"not collected: k8s_pv\") []";
    expect(
        &check(),
        &completeness,
        &[&format!("a1: {reason}"), &format!("a2: {reason}")],
    );
    let completeness = with("zfs_dataset", "a1", TableState::NotServed);
    expect(
        &check(),
        &completeness,
        &[
            "a1: NotApplicable(\"not served: zfs_dataset\") []",
            "a2: Fail [t/1]",
        ],
    );
    // A cluster without the kind has no such objects: the other cluster's list is enough.
    expect(
        &check(),
        &with("k8s_pv", "c1", TableState::NotServed),
        &["a1: Fail [t/1]", "a2: Fail [t/1]"],
    );
    let mut none = complete();
    none.clusters.clear();
    expect(
        &check(),
        &none,
        &[&format!("a1: {reason}"), &format!("a2: {reason}")],
    );
}

#[test]
fn a_list_of_a_service_that_may_be_absent_blocks_only_when_it_failed() {
    let page = PAGE
        .replace("k8s_pv]", "]\nwhere_served: [k8s_pv]")
        .replace(", ]", "]");
    let check = Check::parse("orphans/orp-001-x", &page, SQL).expect("a valid page");
    for state in [
        TableState::Complete,
        TableState::NotServed,
        TableState::NotCollected,
    ] {
        expect(
            &check,
            &with("k8s_pv", "c2", state),
            &["a1: Fail [t/1]", "a2: Fail [t/1]"],
        );
    }
    let reason = "NotEvaluated(\"k8s_pv of c2: denied\") []";
    expect(
        &check,
        &with("k8s_pv", "c2", TableState::Incomplete("denied".to_owned())),
        &[&format!("a1: {reason}"), &format!("a2: {reason}")],
    );
}

#[test]
fn a_failed_list_outweighs_an_unplanned_one() {
    let mut completeness = with("zfs_dataset", "a1", TableState::NotCollected);
    completeness.states.insert(
        ("k8s_pv".to_owned(), "c1".to_owned()),
        TableState::Incomplete("failed".to_owned()),
    );
    let reason = "NotEvaluated(\"k8s_pv of c1: failed\") []";
    expect(
        &check(),
        &completeness,
        &[&format!("a1: {reason}"), &format!("a2: {reason}")],
    );
}

#[test]
fn a_cluster_check_needs_its_own_lists_and_those_of_all_appliances() {
    let check = scoped("cluster");
    expect(&check, &complete(), &["c1: Fail [2]", "c2: Fail [4]"]);
    let completeness = with("k8s_pv", "c1", TableState::Incomplete("denied".to_owned()));
    expect(
        &check,
        &completeness,
        &[
            "c1: NotEvaluated(\"k8s_pv of c1: denied\") []",
            "c2: Fail [4]",
        ],
    );
    let completeness = with(
        "zfs_dataset",
        "a2",
        TableState::Incomplete("denied".to_owned()),
    );
    let reason = "NotEvaluated(\"zfs_dataset of a2: denied\") []";
    expect(
        &check,
        &completeness,
        &[&format!("c1: {reason}"), &format!("c2: {reason}")],
    );
}

#[test]
fn an_estate_check_has_one_result_and_needs_what_it_lists_everywhere() {
    let check = scoped("estate");
    expect(&check, &complete(), &[": Fail [2 4]"]);
    let completeness = with("k8s_pv", "c2", TableState::Incomplete("denied".to_owned()));
    expect(
        &check,
        &completeness,
        &[": NotEvaluated(\"k8s_pv of c2: denied\") []"],
    );
    let mut free = check;
    free.page.needs.clear();
    expect(&free, &completeness, &[": Fail [2 4]"]);
}

#[test]
fn no_population_is_not_a_pass() {
    let mut completeness = complete();
    completeness.appliances.push("a3".to_owned());
    completeness.states.insert(
        ("zfs_dataset".to_owned(), "a3".to_owned()),
        TableState::Complete,
    );
    let results = run(&check(), &completeness, &Overrides::new());
    let populations: Vec<_> = results.iter().map(|result| result.n_population).collect();
    assert_eq!(populations, [Some(3), Some(2), Some(0)]);
    assert_eq!(
        results[2].state,
        State::NotApplicable("nothing to check".to_owned())
    );
    let mut strict = check();
    strict.sql = strict
        .sql
        .replace("WHERE", "WHERE d.used_bytes > 1000 AND")
        .into();
    expect(&strict, &complete(), &["a1: Pass []", "a2: Pass []"]);
}

#[test]
fn too_little_to_judge_is_not_a_pass_and_says_how_much_there_was() {
    let few = |limit: i64| {
        let mut check = check();
        check.sql = format!(
            "SELECT d.path AS subject, 'zfs_dataset' AS subject_table, d.appliance AS appliance,
                    CASE WHEN d.used_bytes < {limit} THEN 'one of two' END AS too_few
             FROM zfs_dataset AS d
             WHERE :now >= :min_age_secs AND (d.used_bytes < {limit} OR d.used_bytes = 80)"
        )
        .into();
        check
    };
    // A scope that has findings was judged, whatever else there was too little of.
    let reason = "NotApplicable(\"too few: one of two\") []";
    expect(
        &few(70),
        &complete(),
        &["a1: Fail [t/3]", &format!("a2: {reason}")],
    );
    expect(&few(5), &complete(), &["a1: Fail [t/3]", "a2: Pass []"]);
    let results = run(&few(70), &complete(), &Overrides::new());
    assert!(results[0].findings[0].evidence.is_empty());
    assert_eq!(results[1].n_population, Some(2));
}

#[test]
fn thresholds_override_defaults_by_name_and_type() {
    let set = |name: &str, value| {
        Overrides::from([("ORP-001".to_owned(), [(name.to_owned(), value)].into())])
    };
    let results = run(
        &check(),
        &complete(),
        &set("min_age_secs", ParamValue::Integer(50)),
    );
    let subjects: Vec<_> = results[0]
        .findings
        .iter()
        .map(|finding| finding.subject.as_str())
        .collect();
    assert_eq!(subjects, ["t/1", "t/3"]);
    for overrides in [
        set("min_age", ParamValue::Integer(1)),
        set("min_age_secs", ParamValue::Text("1".to_owned())),
    ] {
        let state = &run(&check(), &complete(), &overrides)[0].state;
        assert!(
            matches!(state, State::NotEvaluated(reason) if reason.starts_with("broken: ")),
            "{state:?}"
        );
    }
}

#[test]
fn a_broken_check_is_its_own_outcome() {
    for sql in [
        "SELECT nothing FROM k8s_pv",
        "SELECT d.path AS subject FROM zfs_dataset d WHERE :now > :min_age_secs",
    ] {
        let mut broken = check();
        broken.sql = sql.into();
        broken.page.id = "ORP-002".to_owned();
        let session = session();
        let (completeness, thresholds) = (complete(), Overrides::new());
        let results = run_placed(
            &[broken, check()],
            &RunInput::sample(&session, &completeness, &thresholds),
            &BTreeMap::new(),
            &Places::default(),
        );
        let states: Vec<_> = results
            .iter()
            .map(|result| (result.check_id.as_str(), result.state == State::Fail))
            .collect();
        assert_eq!(
            states,
            [
                ("ORP-001", true),
                ("ORP-001", true),
                ("ORP-002", false),
                ("ORP-002", false)
            ]
        );
        assert!(
            matches!(&results[2].state, State::NotEvaluated(reason) if reason.starts_with("broken: "))
        );
    }
}

#[test]
fn grade_limits_severity_and_the_rest_is_evidence() {
    let results = run(&check(), &complete(), &Overrides::new());
    let (sure, unsure) = (&results[0].findings[0], &results[1].findings[0]);
    assert_eq!(
        (sure.grade, sure.severity, sure.effective_severity),
        (Grade::Confirmed, Severity::High, Severity::High)
    );
    assert_eq!(
        (unsure.grade, unsure.effective_severity),
        (Grade::Candidate, Severity::Low)
    );
    assert_eq!(Grade::Probable.limit(Severity::Critical), Severity::Medium);
    assert_eq!(Grade::Candidate.limit(Severity::Info), Severity::Info);
    assert_eq!(sure.bytes, Some(60));
    assert_eq!(
        sure.evidence,
        [("age_secs".to_owned(), Value::Integer(1000))]
    );
}

#[test]
fn a_fingerprint_tells_appliances_and_domains_apart_and_nothing_else() {
    let results = run(&check(), &complete(), &Overrides::new());
    let prints: Vec<_> = results
        .iter()
        .map(|result| result.findings[0].fingerprint.as_str())
        .collect();
    // sha256 of `ORP-001|d||zfs_dataset:a1:t/1|`
    assert_eq!(
        prints[0],
        "358e47dbc433ddc98c5287a7c4be63c94e59214a696d2fc6fd09922f0be561c5"
    );
    assert_ne!(prints[0], prints[1]);
    let younger = Overrides::from([(
        "ORP-001".to_owned(),
        [("min_age_secs".to_owned(), ParamValue::Integer(1))].into(),
    )]);
    assert_eq!(
        run(&check(), &complete(), &younger)[0].findings[0].fingerprint,
        prints[0]
    );
}

#[test]
fn findings_stand_worst_first() {
    let mut check = check();
    check.sql = "SELECT leaf AS subject, 'zfs_dataset' AS subject_table, appliance, \
                 CASE WHEN used_bytes = 60 THEN 'low' WHEN used_bytes = 80 THEN 'critical' END AS severity \
                 FROM zfs_dataset WHERE :now >= :min_age_secs"
        .into();
    expect(
        &check,
        &complete(),
        &["a1: Fail [3 2 1]", "a2: Fail [1x 4]"],
    );
}

#[test]
fn a_check_with_too_many_rows_is_not_evaluated_and_says_so() {
    let session = session();
    let (completeness, thresholds) = (complete(), Overrides::new());
    let input = RunInput {
        limits: Limits {
            rows: 0,
            ..Limits::default()
        },
        ..RunInput::sample(&session, &completeness, &thresholds)
    };
    let results = run_check(&check(), &input);
    let reasons = results.iter().map(|result| format!("{:?}", result.state));
    for reason in reasons {
        assert!(reason.contains("more than 0 rows"), "{reason}");
    }
}
