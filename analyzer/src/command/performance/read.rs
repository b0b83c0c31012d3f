//! Reads operations, those that wait, and failures out of an estate.

use std::collections::{BTreeMap, BTreeSet};

use super::statement::{OPERATIONS, RATES, VIEWS};
use super::{Answer, Group, Hole, Key, kind, rates, word};
use crate::analysis::{self, AnalysisError};
use crate::checks;
use crate::cli::{Operation, Performance};
use crate::duration::{Rule, Span};
use crate::history::Estate;
use crate::query::value::rows;
use crate::query::{Limits, ParamValue, Params, Session, Value};
use crate::settings::Settings;

/// The check that compares windows: its thresholds are the rule of this command.
const CHECK: &str = "PRF-010";

/// Lists without which an operation has no figure, and whether a cluster may not have their kind.
fn lists(operation: Operation) -> Vec<(&'static str, bool)> {
    let mut lists = vec![
        ("k8s_pv", false),
        ("k8s_storage_class", false),
        ("k8s_csi_container", false),
    ];
    lists.extend(match operation {
        Operation::Provision | Operation::Resize => &[("k8s_pvc", false)][..],
        Operation::Attach => &[("k8s_volume_attachment", false)],
        Operation::Mount => &[
            ("k8s_pvc", false),
            ("k8s_pod", false),
            ("k8s_pod_volume", false),
        ],
        Operation::Snapshot => &[
            ("k8s_volume_snapshot", true),
            ("k8s_volume_snapshot_class", true),
        ],
        Operation::Delete => &[("k8s_volume_snapshot_content", true)],
    });
    lists
}

const ALL: [Operation; 6] = [
    Operation::Provision,
    Operation::Attach,
    Operation::Mount,
    Operation::Snapshot,
    Operation::Resize,
    Operation::Delete,
];

pub(super) fn answer(
    estate: &Estate,
    settings: &Settings,
    args: &Performance,
) -> Result<Answer, AnalysisError> {
    let rule_of = thresholds(settings)?;
    let whole = |name: &str| match rule_of.get(name) {
        Some(ParamValue::Integer(number)) => *number,
        Some(ParamValue::Float(number)) => *number as i64,
        _ => 0,
    };
    let deviations = match rule_of.get("deviations") {
        Some(ParamValue::Float(number)) => *number,
        _ => whole("deviations") as f64,
    };
    let (window, baseline) = (whole("window_secs"), whole("baseline_secs"));
    let window_secs = args.window.unwrap_or(window);
    let baseline_secs = if window_secs == window {
        baseline
    } else {
        let secs = i128::from(window_secs) * i128::from(baseline) / i128::from(window.max(1));
        i64::try_from(secs).unwrap_or(i64::MAX)
    };
    let wanted: Vec<Operation> = ALL
        .into_iter()
        .filter(|operation| args.operation.is_none_or(|only| only == *operation))
        .collect();
    let mut holes = holes(estate, &wanted);
    let session = analysis::session(estate, VIEWS.map(str::to_owned).into_iter().collect())?;
    let is_read = |operation: Operation, cluster: &str| {
        let is_hole = |hole: &Hole| hole.operation == Some(operation) && hole.cluster == cluster;
        wanted.contains(&operation) && !holes.iter().any(is_hole)
    };
    let operations: Vec<Found> = ask(&session, OPERATIONS, estate.now)?
        .into_iter()
        .filter_map(found)
        .filter(|found| is_read(found.operation, &found.cluster))
        .collect();
    let groups = groups(operations, args, window_secs, baseline_secs);
    let (unmeasured, failed) = rates::metrics(estate);
    holes.extend(failed);
    let rates = ask(&session, RATES, estate.now)?;
    let rates = rates::worst(rates, args.operation);
    Ok(Answer {
        at: estate.now,
        n_bundles: estate.bundles.len(),
        window_secs,
        baseline_secs,
        by: args.by,
        rule: Rule {
            min_samples: usize::try_from(whole("min_samples")).unwrap_or_default(),
            min_rise_percent: whole("min_rise_percent"),
            min_rise_secs: whole("min_rise_secs"),
            deviations,
        },
        groups,
        rates: rates
            .into_iter()
            .filter(|rate| {
                !holes
                    .iter()
                    .any(|hole| hole.operation.is_none() && hole.cluster == rate.cluster)
            })
            .collect(),
        unmeasured,
        holes,
    })
}

/// Thresholds of the check as they are in force.
fn thresholds(settings: &Settings) -> Result<BTreeMap<String, ParamValue>, AnalysisError> {
    let checks = checks::built_in().map_err(AnalysisError::Page)?;
    let check = checks.iter().find(|check| check.page.id == CHECK);
    let defaults = check.into_iter().flat_map(|check| &check.page.thresholds);
    let mut values: BTreeMap<String, ParamValue> = defaults
        .map(|(name, threshold)| (name.clone(), threshold.default.clone()))
        .collect();
    values.extend(settings.thresholds.get(CHECK).cloned().unwrap_or_default());
    Ok(values)
}

fn ask(session: &Session, sql: &str, now: i64) -> Result<Vec<Vec<Value>>, AnalysisError> {
    let mut params = Params::new();
    if sql.contains(":now") {
        params.insert("now".to_owned(), ParamValue::Integer(now));
    }
    let frame = session.run(sql, &params, &Limits::default());
    let frame = frame.map_err(|source| AnalysisError::Views { source })?;
    Ok(rows(&frame))
}

pub(super) fn outcome<'e>(estate: &'e Estate, table: &str, cluster: &str) -> Option<&'e str> {
    let key = (table.to_owned(), cluster.to_owned());
    estate.outcomes.get(&key).map(String::as_str)
}

fn holes(estate: &Estate, wanted: &[Operation]) -> Vec<Hole> {
    let mut holes = Vec::new();
    for operation in wanted {
        for cluster in &estate.clusters {
            for (table, may_lack) in lists(*operation) {
                let outcome = match outcome(estate, table, cluster) {
                    Some("ok" | "empty") => continue,
                    Some("unsupported") if may_lack => continue,
                    outcome => outcome.unwrap_or("not collected"),
                };
                holes.push(Hole {
                    operation: Some(*operation),
                    cluster: cluster.clone(),
                    table: table.to_owned(),
                    outcome: outcome.to_owned(),
                });
            }
        }
    }
    holes
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    operation: Operation,
    cluster: String,
    source: String,
    driver: Option<String>,
    class: Option<String>,
    node: Option<String>,
    uid: Option<String>,
    age_secs: i64,
    span: Span,
}

fn found(row: Vec<Value>) -> Option<Found> {
    let [
        cluster,
        operation,
        source,
        driver,
        class,
        node,
        uid,
        age_secs,
        least_secs,
        most_secs,
    ] = <[Value; 10]>::try_from(row).ok()?;
    let text = |value: Value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let (operation, least) = (text(operation)?, least_secs.as_integer()?);
    Some(Found {
        operation: ALL.into_iter().find(|of| word(*of) == operation)?,
        cluster: text(cluster)?,
        source: text(source)?,
        driver: text(driver),
        class: text(class),
        node: text(node),
        uid: text(uid),
        age_secs: age_secs.as_integer()?,
        span: match most_secs.as_integer() {
            Some(most) => Span::between(least, most),
            None => Span::at_least(least),
        },
    })
}

fn groups(
    operations: Vec<Found>,
    args: &Performance,
    window_secs: i64,
    baseline_secs: i64,
) -> Vec<Group> {
    let mut groups: BTreeMap<Key, (Vec<Span>, Vec<Span>)> = BTreeMap::new();
    let mut counted: BTreeSet<(Key, String)> = BTreeSet::new();
    for found in operations {
        let name = match kind(found.operation, args.by) {
            "class" => found.class,
            "driver" => found.driver.clone(),
            _ => found.node,
        };
        let key = Key {
            operation: found.operation,
            cluster: found.cluster,
            name,
            // As PRF-010 tells them apart.
            driver: found.driver.filter(|_| args.by.is_none()),
            source: found.source,
        };
        // A pod with volumes of several classes starts once in each group.
        if let Some(uid) = found.uid
            && !counted.insert((key.clone(), uid))
        {
            continue;
        }
        let end = window_secs.saturating_add(baseline_secs);
        let (newest, before) = groups.entry(key).or_default();
        match found.age_secs {
            age if age < window_secs => newest.push(found.span),
            age if age < end => before.push(found.span),
            _ => {}
        }
    }
    let group = |(key, (mut newest, before)): (Key, (Vec<Span>, Vec<Span>))| {
        newest.sort_by_key(|span| {
            (
                span.most_secs().is_none(),
                span.most_secs(),
                span.least_secs(),
            )
        });
        (!newest.is_empty() || !before.is_empty()).then_some(Group {
            key,
            newest,
            before,
        })
    };
    groups.into_iter().filter_map(group).collect()
}
