//! Lists taken away one at a time: exactly the checks that depend on them are not evaluated, and nothing else changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use testkit::estate::Fault;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::checks::{Check, CheckResult, Overrides, Page, State, built_in};
use truenas_analyzer::history::Estate;

use crate::stage::{SITE, Stage};

const DAYS: usize = 4;

fn results(estate: Estate, checks: Vec<Check>) -> Vec<CheckResult> {
    Analysis::over(estate, checks, &Overrides::new())
        .unwrap()
        .results
}

fn depends(page: &Page, table: &str) -> bool {
    let names = |tables: &[String]| tables.iter().any(|name| name == table);
    names(&page.needs) || names(&page.where_served)
}

/// A result without the numbers that a table which decides nothing may add.
fn verdict(result: &CheckResult) -> CheckResult {
    let mut result = result.clone();
    for finding in &mut result.findings {
        finding.bytes = None;
        finding.evidence.clear();
    }
    result
        .findings
        .sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
    result
}

fn is_blind(result: &CheckResult) -> bool {
    matches!(&result.state, State::NotEvaluated(reason) if !reason.starts_with("broken"))
}

/// What is wrong with the results without a table, one line each.
fn wrong(
    checks: &BTreeMap<String, Check>,
    baseline: &[CheckResult],
    without: &[CheckResult],
    table: &str,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (before, after) in baseline.iter().zip(without) {
        let page = &checks[&before.check_id].page;
        assert_eq!(
            (&before.check_id, &before.scope),
            (&after.check_id, &after.scope)
        );
        let adds = page.adds.iter().any(|name| name == table);
        let is_right = if depends(page, table) {
            is_blind(after)
        } else if adds {
            verdict(before) == verdict(after)
        } else {
            before == after
        };
        if !is_right {
            wrong.push(format!(
                "{} without {table}: {:?} with {} findings, {:?} with {}",
                before.check_id,
                before.state,
                before.findings.len(),
                after.state,
                after.findings.len()
            ));
        }
    }
    wrong
}

#[test]
fn each_table_that_is_taken_away_blinds_exactly_the_checks_that_depend_on_it() {
    let stage = Stage::with_faults(DAYS, Fault::demo());
    let history = stage.history(DAYS);
    let estate = Estate::at(&history, SITE, None).unwrap();
    let checks: BTreeMap<String, Check> = built_in()
        .unwrap()
        .into_iter()
        .map(|check| (check.page.id.clone(), check))
        .collect();
    let baseline = results(estate.clone(), built_in().unwrap());
    let n_evaluated = baseline.iter().filter(|result| !is_blind(result)).count();
    assert!(n_evaluated > 40, "only {n_evaluated} results can go blind");
    let lists: Vec<(String, String)> = estate
        .outcomes
        .iter()
        .filter(|((_, scope), outcome)| {
            !scope.is_empty() && matches!(outcome.as_str(), "ok" | "empty")
        })
        .map(|(key, _)| key.clone())
        .collect();
    assert!(lists.len() > 40, "only {} lists were read", lists.len());
    let mut faults = Vec::new();
    for (number, (table, scope)) in lists.iter().enumerate() {
        // What does not read a table cannot tell that it is gone; that this is so is seen on every tenth.
        let is_asked = |page: &Page| {
            number % 10 == 0 || depends(page, table) || page.adds.iter().any(|name| name == table)
        };
        let asked: Vec<Check> = checks
            .values()
            .filter(|check| is_asked(&check.page))
            .cloned()
            .collect();
        let of_asked = |result: &&CheckResult| is_asked(&checks[&result.check_id].page);
        let before: Vec<CheckResult> = baseline.iter().filter(of_asked).cloned().collect();
        let without = results(estate.with_failed(table, scope).unwrap(), asked);
        faults.extend(wrong(&checks, &before, &without, table));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A list that a server refuses, and the tables that it fills.
struct Refused {
    edit: (&'static str, &'static str),
    tables: &'static [&'static str],
}

const fn denied(resource: &'static str, tables: &'static [&'static str]) -> Refused {
    Refused {
        edit: ("denied", resource),
        tables,
    }
}

const fn forbidden(method: &'static str, tables: &'static [&'static str]) -> Refused {
    Refused {
        edit: ("truenas", method),
        tables,
    }
}

const REFUSED: [Refused; 9] = [
    denied("/persistentvolumes", &["k8s_pv", "k8s_pv_portal"]),
    denied("/pods", &["k8s_pod", "k8s_pod_volume"]),
    denied("/events", &["k8s_event"]),
    denied(
        "snapshot.storage.k8s.io/volumesnapshots",
        &["k8s_volume_snapshot"],
    ),
    denied(
        "storage.k8s.io/volumeattachments",
        &["k8s_volume_attachment"],
    ),
    forbidden("sharing.nfs.query", &["nas_nfs_share"]),
    forbidden("sharing.smb.query", &["nas_smb_share"]),
    forbidden("iscsi.global.sessions", &["nas_iscsi_session"]),
    forbidden("pool.snapshottask.query", &["nas_snapshot_task"]),
];

#[test]
fn each_list_that_a_server_refuses_blinds_the_checks_that_depend_on_it() {
    let stage = Stage::edited(REFUSED.len(), Vec::new(), |world, day| {
        let path = world.join("world.yaml");
        let mut text = fs::read_to_string(&path).unwrap();
        match REFUSED[day].edit {
            ("denied", resource) => {
                let open = text.replace("denied: []", &format!("denied: [\"{resource}\"]"));
                assert_ne!(open, text);
                text = open;
            }
            (_, method) => {
                text += &format!("faults:\n  - {{at: \"truenas:{method}\", kind: \"403\"}}\n")
            }
        }
        fs::write(path, text).unwrap();
    });
    let history = stage.history(REFUSED.len());
    let times: BTreeSet<i64> = Estate::at(&history, SITE, None)
        .unwrap()
        .bundles
        .iter()
        .map(|bundle| bundle.entry.ended_at)
        .collect();
    assert_eq!(times.len(), REFUSED.len());
    for (refused, time) in REFUSED.iter().zip(times) {
        let estate = Estate::at(&history, SITE, Some(time)).unwrap();
        let outcome = |table: &str| {
            let mut of_table = estate
                .outcomes
                .iter()
                .filter(|((name, _), _)| name == table);
            of_table.next().map(|(_, outcome)| outcome.clone())
        };
        for table in refused.tables {
            assert_eq!(outcome(table).as_deref(), Some("denied"), "{table}");
        }
        let short: BTreeSet<String> = estate
            .outcomes
            .iter()
            .filter(|(_, outcome)| !matches!(outcome.as_str(), "ok" | "empty" | "unsupported"))
            .map(|((table, _), _)| table.clone())
            .collect();
        for result in results(estate, built_in().unwrap()) {
            let check = built_in()
                .unwrap()
                .into_iter()
                .find(|check| check.page.id == result.check_id)
                .unwrap();
            let is_short = short.iter().any(|table| depends(&check.page, table));
            assert_eq!(
                is_blind(&result),
                is_short,
                "{} with {short:?} short: {:?}",
                result.check_id,
                result.state
            );
        }
    }
}
