//! Reads operations, those that wait, and failures out of an estate.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Group, Hole, Key, Rate, kind, word};
use crate::analysis::{self, AnalysisError};
use crate::checks;
use crate::cli::{Operation, Performance};
use crate::duration::{Rule, Span, wilson};
use crate::history::Estate;
use crate::query::value::rows;
use crate::query::{Limits, ParamValue, Params, Session, Value};
use crate::settings::Settings;

/// The check that compares windows: its thresholds are the rule of this command.
const CHECK: &str = "PRF-010";

/// Operations with their age and bounds. The first four are dated by the cluster, the others by the bundles.
const OPERATIONS: &str = "\
WITH dated AS (
  SELECT p.cluster AS cluster, 'provision' AS operation, p.source AS source, p.driver AS driver, p.storage_class AS class,
         CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid, p.ended_at AS ended_at, p.lasted_secs AS lasted_secs
  FROM provision_operation AS p
  UNION ALL
  SELECT t.cluster AS cluster, 'attach' AS operation, 'volume' AS source, t.driver AS driver, v.storage_class AS class,
         t.node AS node, CAST(NULL AS STRING) AS uid, t.ended_at AS ended_at, t.lasted_secs AS lasted_secs
  FROM attach_operation AS t
  LEFT JOIN k8s_pv AS v ON v.cluster = t.cluster AND v.name = t.pv
  UNION ALL
  SELECT m.cluster AS cluster, 'mount' AS operation, 'volume' AS source, m.driver AS driver, m.class AS class,
         m.node AS node, m.uid AS uid, m.started_at AS ended_at, m.lasted_secs AS lasted_secs
  FROM mount_operation AS m
  UNION ALL
  SELECT s.cluster AS cluster, 'snapshot' AS operation, 'volume' AS source, s.driver AS driver, s.class AS class,
         CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid, s.asked_at AS ended_at, s.lasted_secs AS lasted_secs
  FROM snapshot_operation AS s
)
SELECT d.cluster AS cluster, d.operation AS operation, d.source AS source, d.driver AS driver, d.class AS class,
       d.node AS node, d.uid AS uid, :now + COALESCE(o.offset_secs, 0) - d.ended_at AS age_secs,
       d.lasted_secs AS least_secs, d.lasted_secs AS most_secs
FROM dated AS d
LEFT JOIN clock_offset AS o ON o.cluster = d.cluster
UNION ALL
SELECT w.cluster AS cluster, w.operation AS operation, w.source AS source, w.driver AS driver, w.class AS class,
       w.node AS node, w.uid AS uid, CAST(0 AS BIGINT) AS age_secs,
       :now + COALESCE(o.offset_secs, 0) - w.begun_at AS least_secs, CAST(NULL AS BIGINT) AS most_secs
FROM waiting_operation AS w
LEFT JOIN clock_offset AS o ON o.cluster = w.cluster
UNION ALL
SELECT r.cluster AS cluster, 'resize' AS operation, 'volume' AS source, s.provisioner AS driver, r.class AS class,
       CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid, :now - r.ended_at AS age_secs, r.least_secs AS least_secs,
       r.most_secs AS most_secs
FROM history_resize AS r
JOIN k8s_storage_class AS s ON s.cluster = r.cluster AND s.name = r.class
JOIN storage_driver AS d ON d.cluster = s.cluster AND d.driver = s.provisioner
UNION ALL
SELECT h.cluster AS cluster, 'delete' AS operation,
       CASE WHEN h.subject_table = 'k8s_pv' THEN 'volume' ELSE 'snapshot' END AS source, h.driver AS driver,
       h.class AS class, CAST(NULL AS STRING) AS node, CAST(NULL AS STRING) AS uid,
       CASE WHEN h.gone_at IS NULL THEN 0 ELSE :now - h.gone_at END AS age_secs,
       CASE WHEN h.begun_at IS NULL THEN 0
            ELSE h.seen_from_at + COALESCE(o.offset_secs, 0) - h.begun_at END AS least_secs,
       CASE WHEN h.begun_at IS NULL THEN h.gone_at - h.seen_from_at
            ELSE h.gone_at + COALESCE(o.offset_secs, 0) - h.begun_at END AS most_secs
FROM history_deletion AS h
JOIN storage_driver AS d ON d.cluster = h.cluster AND d.driver = h.driver
LEFT JOIN clock_offset AS o ON o.cluster = h.cluster";

const RATES: &str = "\
SELECT r.cluster AS cluster, r.driver AS driver, r.step AS step, r.n_failed AS n_failed, r.n_tried AS n_tried
FROM operation_rate AS r
WHERE r.step <> 'other' AND r.n_tried > 0";

const VIEWS: [&str; 8] = [
    "attach_operation",
    "clock_offset",
    "mount_operation",
    "operation_rate",
    "provision_operation",
    "snapshot_operation",
    "storage_driver",
    "waiting_operation",
];

const METRICS: &str = "k8s_operation_duration";

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
    let (unmeasured, failed) = metrics(estate);
    holes.extend(failed);
    let rates = ask(&session, RATES, estate.now)?;
    let rates = worst(rates.into_iter().filter_map(rate), args.operation);
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

fn outcome<'e>(estate: &'e Estate, table: &str, cluster: &str) -> Option<&'e str> {
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

/// Clusters whose metrics are not collected, and those whose metrics could not be read.
fn metrics(estate: &Estate) -> (Vec<String>, Vec<Hole>) {
    let (mut unmeasured, mut holes) = (Vec::new(), Vec::new());
    for cluster in &estate.clusters {
        match outcome(estate, METRICS, cluster) {
            Some("ok" | "empty") => {}
            None | Some("unsupported") => unmeasured.push(cluster.clone()),
            Some(outcome) => holes.push(Hole {
                operation: None,
                cluster: cluster.clone(),
                table: METRICS.to_owned(),
                outcome: outcome.to_owned(),
            }),
        }
    }
    (unmeasured, holes)
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

fn rate(row: Vec<Value>) -> Option<Rate> {
    let [
        Value::Text(cluster),
        Value::Text(driver),
        Value::Text(step),
        Value::Integer(n_failed),
        Value::Integer(n_tried),
    ] = <[Value; 5]>::try_from(row).ok()?
    else {
        return None;
    };
    Some(Rate {
        cluster,
        driver,
        step,
        n_failed: u64::try_from(n_failed).ok()?,
        n_tried: u64::try_from(n_tried).ok()?,
    })
}

/// Several measurers may have counted one step: of each the count that most surely shows the largest share.
fn worst(rates: impl Iterator<Item = Rate>, only: Option<Operation>) -> Vec<Rate> {
    let is_wanted = |rate: &Rate| {
        only.is_none_or(|only| match only {
            Operation::Resize => rate.step == "expand",
            only => rate.step == word(only),
        })
    };
    let least = |rate: &Rate| wilson(rate.n_failed, rate.n_tried).map_or(0.0, |(low, _)| low);
    let mut worst: BTreeMap<(String, String, String), Rate> = BTreeMap::new();
    for rate in rates.filter(is_wanted) {
        let key = (rate.cluster.clone(), rate.driver.clone(), rate.step.clone());
        let held = worst.entry(key).or_insert_with(|| rate.clone());
        let by_share = least(&rate).total_cmp(&least(held));
        if by_share.then(rate.n_tried.cmp(&held.n_tried)).is_gt() {
            *held = rate;
        }
    }
    worst.into_values().collect()
}
