use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{Column, DataFrame};

use super::*;
use crate::checks::{Check, Completeness, TableState};
use crate::history::{BundleRow, Estate, LedgerEntry};
use crate::query::{Session, Value};
use crate::report::model::{
    Category, ChangeKind, CheckState, FindingState, HistoryState, Resolution, TileState,
};
use crate::tables;

const DAY: i64 = 86_400;
const NOW: i64 = 1_795_144_320;
const GIB: i64 = 1 << 30;
const UID: &str = "8d0f1f0e-0000-4000-8000-000000000001";

fn entry(seq: u64, ended_at: i64) -> LedgerEntry {
    LedgerEntry {
        bundle: format!("north1-{seq:06}"),
        site: "north1".to_owned(),
        link: truenas_common::bundle::Link {
            stream: "a".repeat(16),
            seq,
            prev: String::new(),
            sha256: format!("{seq:064x}"),
        },
        prev_reason: truenas_common::bundle::PrevReason::First,
        cluster: Some(UID.to_owned()),
        started_at: ended_at - 60,
        ended_at,
        expected_every_secs: None,
        key_check: String::new(),
        epoch: 1,
        profile: "standard".to_owned(),
        collector: "0.1.0".to_owned(),
        site_key: "ab".repeat(32),
        marks: "clock-given".to_owned(),
    }
}

fn texts(name: &str, values: &[&str]) -> Column {
    Column::new(
        name.into(),
        values
            .iter()
            .map(|value| Some((*value).to_owned()))
            .collect::<Vec<_>>(),
    )
}

fn numbers(name: &str, values: &[i64]) -> Column {
    Column::new(name.into(), values.to_vec())
}

fn frame(columns: Vec<Column>) -> DataFrame {
    DataFrame::new(columns[0].len(), columns).expect("columns of one length")
}

fn estate(now: i64, datasets: &[&str]) -> Estate {
    let appliances = vec!["nas-a"; datasets.len()];
    let frames = BTreeMap::from([
        (
            "k8s_cluster".to_owned(),
            frame(vec![
                texts("cluster", &[UID]),
                texts("uid", &[UID]),
                texts("name", &["cl-a"]),
            ]),
        ),
        (
            "nas_pool".to_owned(),
            frame(vec![
                texts("appliance", &["nas-a"]),
                texts("name", &["pool-a"]),
            ]),
        ),
        (
            "zfs_dataset".to_owned(),
            frame(vec![
                texts("appliance", &appliances),
                texts("path", datasets),
                Column::new("is_dedup".into(), vec![Some(false); datasets.len()]),
            ]),
        ),
        (
            "zfs_dataset_space".to_owned(),
            frame(vec![
                texts("appliance", &["nas-a", "nas-a"]),
                texts("path", &["pool-a", "pool-a/v"]),
                numbers("used_bytes", &[900 * GIB, 300 * GIB]),
                numbers("available_bytes", &[100 * GIB, 0]),
                numbers("used_by_snapshots_bytes", &[0, 50 * GIB]),
                numbers("used_by_refreservation_bytes", &[0, 10 * GIB]),
            ]),
        ),
        (
            "collect_status".to_owned(),
            frame(vec![
                texts("cluster", &[UID, UID, UID]),
                texts("list", &["k8s/pv", "k8s/pvc", "k8s/node"]),
                texts("table", &["k8s_pv", "k8s_pvc", "k8s_node"]),
                numbers("pass", &[1, 1, 1]),
                texts("outcome", &["ok", "denied", "truncated"]),
                numbers("n_items", &[5, 0, 500]),
                numbers("started_at", &[now - 50, now - 40, now - 30]),
                numbers("ended_at", &[now - 45, now - 40, now - 20]),
                numbers("server_at", &[now - 49, now + 600, now - 30]),
            ]),
        ),
    ]);
    Estate {
        domain: "d".to_owned(),
        now,
        clusters: vec![UID.to_owned()],
        appliances: vec!["nas-a".to_owned()],
        frames,
        outcomes: BTreeMap::from([(
            ("zfs_dataset".to_owned(), "nas-a".to_owned()),
            "ok".to_owned(),
        )]),
        pool_readings: Vec::new(),
        bundles: vec![BundleRow {
            entry: entry(1, now),
            is_newest: true,
        }],
    }
}

fn check(id: &str, scope: &str) -> Check {
    let page = format!(
        "---\nid: {id}\ntitle: Problem of {id}\nseverity: high\nscope: {scope}\nneeds: [zfs_dataset]\nsince: 0.1.0\n\
         thresholds:\n  min_bytes: {{default: 1024, unit: bytes, authority: ours}}\n---\n\
         ## What\n\nA dataset.\n\n## Why\n\nIt costs `space`.\n\n## Fix\n\n1. Look with `zfs list <dataset>`. Then wait.\n\n## Traps\n\n- A replica.\n"
    );
    let directory = format!("area/{}-problem", id.to_ascii_lowercase());
    Check::parse(&directory, &page, "SELECT 1").expect("a valid page")
}

fn finding(check: &str, subject: &str, grade: checks::Grade, bytes: i64) -> checks::Finding {
    checks::Finding {
        check_id: check.to_owned(),
        scope: "nas-a".to_owned(),
        subject_table: "zfs_dataset".to_owned(),
        subject: subject.to_owned(),
        grade,
        severity: checks::Severity::High,
        effective_severity: grade.limit(checks::Severity::High),
        bytes: Some(bytes),
        points: None,
        evidence: vec![
            ("used_bytes".to_owned(), Value::Integer(bytes)),
            ("cluster".to_owned(), Value::Text(UID.to_owned())),
        ],
        fingerprint: format!("{check}:{subject}"),
    }
}

fn result(check: &str, scope: &str, state: State, findings: Vec<checks::Finding>) -> CheckResult {
    CheckResult {
        check_id: check.to_owned(),
        scope: scope.to_owned(),
        state,
        n_population: Some(40),
        findings,
    }
}

fn analysis(now: i64, datasets: &[&str], results: Vec<CheckResult>) -> Analysis {
    let scope = |id: &str| {
        if id == "SNP-001" {
            "cluster"
        } else {
            "appliance"
        }
    };
    let mut ids: Vec<&str> = results
        .iter()
        .map(|result| result.check_id.as_str())
        .collect();
    ids.dedup();
    Analysis {
        estate: estate(now, datasets),
        completeness: Completeness {
            states: BTreeMap::from([(
                ("zfs_dataset".to_owned(), "nas-a".to_owned()),
                TableState::Complete,
            )]),
            appliances: vec!["nas-a".to_owned()],
            clusters: vec![UID.to_owned()],
        },
        checks: ids.iter().map(|id| check(id, scope(id))).collect(),
        session: Session::new(tables::catalog()),
        thresholds: BTreeMap::new(),
        placed: BTreeMap::new(),
        places: checks::Places::default(),
        limits: crate::query::Limits::default(),
        accepted: BTreeSet::new(),
        results,
    }
}

/// The report of an analysis after earlier ones, oldest first.
fn made(analysis: &Analysis, earlier: &[&Analysis]) -> ReportModel {
    accepted(analysis, earlier, &[])
}

fn accepted(
    analysis: &Analysis,
    earlier: &[&Analysis],
    suppressions: &[(Entry, Status)],
) -> ReportModel {
    let all = earlier.iter().copied().chain([analysis]);
    let moments: Vec<_> = all
        .map(|analysis| crate::history::Moment::of(analysis, String::new()))
        .collect();
    let options = Options {
        site_label: "north-1".to_owned(),
        accepted_chains: &BTreeSet::new(),
        key_holders: &[("AB".repeat(32), "site north-1".to_owned())],
        previous: earlier.last().copied(),
        lifecycle: &Lifecycle::of(&moments),
        settings: &Settings::default(),
        suppressions,
        reproduce: vec![vec!["truenas-analyzer".to_owned(), "report".to_owned()]],
    };
    report(analysis, &History::in_memory(), &options).expect("a report")
}

fn typical() -> Analysis {
    analysis(
        NOW,
        &["pool-a", "pool-a/v"],
        vec![
            result(
                "ORP-001",
                "nas-a",
                State::Fail,
                vec![
                    finding("ORP-001", "pool-a/v", checks::Grade::Confirmed, 3 * GIB),
                    finding("ORP-001", "pool-a/w", checks::Grade::Candidate, 7 * GIB),
                ],
            ),
            result(
                "SNP-001",
                UID,
                State::NotEvaluated(format!("k8s_pvc of {UID}: denied")),
                Vec::new(),
            ),
        ],
    )
}

#[test]
fn page_one_says_what_is_confirmed_and_what_could_not_be_judged() {
    let model = made(&typical(), &[]);
    assert_eq!(model.key_numbers[0].number.raw, Some(3 * GIB));
    assert_eq!(model.key_numbers[1].number.raw, Some(900));
    assert_eq!(model.key_numbers[2].number.raw, Some(1));
    assert_eq!(model.risks.len(), 2);
    assert_eq!(model.risks[0].subject.token, "pool-a/v");
    assert!(
        model
            .verdict
            .plain()
            .contains("Problem of ORP-001: pool-a/v (high, confirmed)")
    );
    assert!(
        model
            .verdict
            .plain()
            .ends_with("1 result could not be judged.")
    );
    assert_eq!(model.title.scope.clusters[0].token, "cl-a");
    assert_eq!(model.trust.keys[0].holder, "site north-1");
    assert_eq!(model.trust.marks[0].option, "clock-given");
}

#[test]
fn a_failed_list_is_a_limit_with_the_name_of_its_cluster() {
    let quality = made(&typical(), &[]).quality;
    assert_eq!(
        (
            quality.n_complete,
            quality.n_partial,
            quality.n_missing,
            quality.n_not_evaluated
        ),
        (1, 1, 1, 1)
    );
    assert!(quality.limits.iter().any(|limit| {
        limit
            .plain()
            .contains("k8s_pvc of cl-a ended with denied: SNP-001")
    }));
    assert!(
        quality
            .limits
            .iter()
            .all(|limit| !limit.plain().contains(UID))
    );
    assert!(quality.clocks[0].is_limiting);
}

#[test]
fn no_name_is_in_plain_text_of_the_matrix() {
    let coverage = made(&typical(), &[]).appendix.coverage;
    let snp = coverage
        .rows
        .iter()
        .find(|row| row.check == "SNP-001")
        .expect("a row");
    assert_eq!(snp.outcomes[0].state, CheckState::NotEvaluated);
    assert_eq!(snp.outcomes[0].reason.as_deref(), Some("k8s_pvc: denied"));
    assert_eq!(snp.outcomes[1].state, CheckState::NotApplicable);
}

#[test]
fn a_category_without_a_judged_check_has_no_score() {
    let tiles = made(&typical(), &[]).tiles;
    let tile = |category| {
        tiles
            .iter()
            .find(|tile| tile.category == category)
            .expect("a tile")
    };
    assert_eq!(
        tile(Category::Hygiene)
            .score
            .as_ref()
            .and_then(|score| score.raw),
        Some(80)
    );
    assert_eq!(tile(Category::Hygiene).state, TileState::Act);
    assert_eq!(tile(Category::Protection).score, None);
    assert_eq!(tile(Category::Protection).state, TileState::NoChecks);
    assert_eq!(tile(Category::Capacity).coverage.text, "no checks");
}

#[test]
fn a_card_carries_evidence_with_its_source_and_a_plan_for_its_object() {
    let model = made(&typical(), &[]);
    let card = &model.findings[0];
    assert_eq!(
        card.subject,
        crate::report::model::Name::new("dataset", "pool-a/v")
    );
    assert_eq!(card.why.plain(), "It costs space.");
    let plain: Vec<String> = card
        .evidence
        .iter()
        .map(|row| format!("{}: {}", row.label, row.value.plain()))
        .collect();
    assert!(plain.contains(&"cluster: cl-a".to_owned()), "{plain:?}");
    assert!(
        card.evidence
            .iter()
            .all(|row| row.source.bundle == "north1-000001")
    );
    assert_eq!(card.plan.steps[0].arguments[2].plain(), "pool-a/v");
    assert_eq!(
        card.plan.expected.as_ref().and_then(|number| number.raw),
        Some(3 * GIB)
    );
    assert_eq!(
        card.threshold
            .as_ref()
            .map(|threshold| threshold.is_default),
        Some(true)
    );
    assert_eq!(card.suppression[0], "- finding: \"ORP-001:pool-a/v\"");
    assert_eq!(model.appendix.parameters.len(), 2);
}

#[test]
fn parts_of_a_pool_add_up_and_a_missing_history_says_so() {
    let pool = &made(&typical(), &[]).pools[0];
    let sum: i64 = pool
        .slices
        .iter()
        .filter_map(|slice| slice.number.raw)
        .sum();
    assert_eq!(Some(sum), pool.size.raw);
    assert_eq!(pool.slices[1].number.raw, Some(50 * GIB));
    assert!(matches!(pool.history, HistoryState::TooShort(_)));
}

#[test]
fn a_finding_that_is_gone_is_fixed_removed_or_only_unseen() {
    let fail = |findings| vec![result("ORP-001", "nas-a", State::Fail, findings)];
    let names = ["pool-a/v", "pool-a/w", "pool-a/x"];
    let all = names.map(|name| finding("ORP-001", name, checks::Grade::Confirmed, GIB));
    let previous = analysis(NOW - DAY, &["pool-a"], fail(all.to_vec()));
    let now = analysis(NOW, &["pool-a", "pool-a/w"], fail(all[..1].to_vec()));
    let found = |days: i64, findings: &[checks::Finding]| {
        analysis(NOW - days * DAY, &["pool-a"], fail(findings.to_vec()))
    };
    let (none, first) = (found(11, &[]), found(10, &all[..1]));
    let earlier = [&none, &first, &previous];
    let changes = made(&now, &earlier).changes;
    let kind = |name: &str| {
        changes
            .rows
            .iter()
            .find(|row| row.subject.token == name)
            .map(|row| row.kind)
    };
    assert_eq!(kind("pool-a/v"), Some(ChangeKind::Persisting));
    assert_eq!(
        kind("pool-a/w"),
        Some(ChangeKind::Resolved(Resolution::Fixed))
    );
    assert_eq!(
        kind("pool-a/x"),
        Some(ChangeKind::Resolved(Resolution::ObjectRemoved))
    );
    assert_eq!(changes.rows[0].age.text.replace('\u{202F}', " "), "10 d");

    let blind = vec![result(
        "ORP-001",
        "nas-a",
        State::NotEvaluated("zfs_dataset of nas-a: denied".to_owned()),
        Vec::new(),
    )];
    let changes = made(&analysis(NOW, &[], blind), &earlier).changes;
    assert_eq!(changes.n_resolved(), 3);
    assert_eq!(changes.resolved[0].reason, Resolution::NotCollected);
}

#[test]
fn a_finding_that_was_away_in_between_is_back_again() {
    let fail = vec![result(
        "ORP-001",
        "nas-a",
        State::Fail,
        vec![finding(
            "ORP-001",
            "pool-a/v",
            checks::Grade::Confirmed,
            GIB,
        )],
    )];
    let pass = vec![result("ORP-001", "nas-a", State::Pass, Vec::new())];
    let first = analysis(NOW - 10 * DAY, &["pool-a/v"], fail.clone());
    let previous = analysis(NOW - DAY, &["pool-a"], pass);
    let now = analysis(NOW, &["pool-a/v"], fail);
    let state = |earlier: &[&Analysis]| made(&now, earlier).findings[0].state;
    assert_eq!(state(&[&first, &previous]), FindingState::Regressed);
    assert_eq!(state(&[&previous]), FindingState::New);
    let card = &made(&now, &[&first, &previous]).findings[0];
    assert_eq!(card.first_seen.unix_s, NOW - 10 * DAY);
}

#[test]
fn an_accepted_finding_is_out_of_scores_and_counted_as_such() {
    let mut now = typical();
    let hygiene = |model: &ReportModel| {
        let mut tiles = model.tiles.iter();
        let tile = tiles
            .find(|tile| tile.category == Category::Hygiene)
            .expect("a tile");
        tile.score.as_ref().and_then(|score| score.raw)
    };
    let open = made(&now, &[]);
    let fingerprint = "ORP-001:pool-a/v".to_owned();
    let entry = |since: i64| Entry {
        owner: Some("storage".to_owned()),
        reason: Some("kept".to_owned()),
        since: Some(since),
        until: Some(NOW + 10 * DAY),
        ..crate::suppress::Evidence::of(&now).entry(&now.results[0].findings[0])
    };
    let (new, old) = (entry(NOW), entry(NOW - 5 * DAY));
    now.accepted.insert(fingerprint.clone());
    let model = accepted(&now, &[], &[(new.clone(), Status::Active)]);
    assert!(hygiene(&model) > hygiene(&open));
    assert_eq!(
        (model.scorecard.n_open, model.scorecard.n_suppressed),
        (1, 1)
    );
    assert!(model.risks.iter().all(|risk| risk.finding != fingerprint));
    assert_eq!(model.key_numbers[0].number.raw, Some(0));
    assert_eq!(
        model.more.last().map(|section| section.id.as_str()),
        Some("suppressions")
    );

    let previous = analysis(NOW - DAY, &["pool-a", "pool-a/v"], now.results.clone());
    let kinds = |entry: &Entry| {
        let changes = accepted(&now, &[&previous], &[(entry.clone(), Status::Active)]).changes;
        let rows = changes.rows.into_iter();
        rows.filter(|row| row.finding == fingerprint)
            .map(|row| row.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&new), [ChangeKind::Resolved(Resolution::Suppressed)]);
    assert_eq!(kinds(&old), []);
}

#[test]
fn without_checks_nothing_is_called_healthy() {
    let model = made(&analysis(NOW, &["pool-a"], Vec::new()), &[]);
    assert!(
        model
            .verdict
            .plain()
            .starts_with("No check could be judged")
    );
    assert!(
        model
            .tiles
            .iter()
            .all(|tile| tile.state == TileState::NoChecks)
    );
    assert_eq!(model.orphans.confirmed, None);
    assert_eq!(model.key_numbers[0].number.raw, None);
}

#[test]
fn the_same_analysis_gives_the_same_report() {
    let digest = |model: ReportModel| model.digest().expect("a digest");
    let model = || made(&typical(), &[]);
    assert_eq!(digest(model()), digest(model()));
}

#[test]
fn an_analysis_without_a_bundle_is_refused() {
    let mut analysis = typical();
    analysis.estate.bundles.clear();
    let options = Options {
        site_label: String::new(),
        accepted_chains: &BTreeSet::new(),
        key_holders: &[],
        previous: None,
        lifecycle: &Lifecycle::default(),
        settings: &Settings::default(),
        suppressions: &[],
        reproduce: Vec::new(),
    };
    let refused = report(&analysis, &History::in_memory(), &options);
    assert_eq!(
        refused.err(),
        Some(AssembleError::NoBundle {
            domain: "d".to_owned()
        })
    );
}
