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

mod card;
mod life;
mod page_one;

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
