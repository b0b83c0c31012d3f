//! Objects that one side knows and the other does not.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::Rows;
use super::{Context, finding, grade, is_evaluated};
use crate::checks::{self, TableState};
use crate::query::Value;
use crate::report::model::{Grade, Moment, Name, Orphan, Orphans, Prose, SnapshotWithoutBacking};
use crate::report::number::{Number, Round, Unit};

const ON_STORAGE: [&str; 2] = ["ORP-001", "ORP-003"];
const IN_KUBERNETES: [&str; 2] = ["ORP-002", "ORP-007"];
/// What orphans rest on when the check itself does not say.
const NEEDS: [&str; 2] = ["k8s_pv", "zfs_dataset"];

/// Snapshots and clones by appliance and dataset, counted once for all orphans.
#[derive(Default)]
struct Dependants<'a> {
    by_dataset: BTreeMap<(&'a str, &'a str), i64>,
    n_snapshots: BTreeMap<&'a str, i64>,
}

impl<'a> Dependants<'a> {
    fn count(context: &Context<'a>) -> Self {
        let mut counts = Self::default();
        let snapshots = Rows::of(&context.analysis.estate, "zfs_snapshot");
        for row in snapshots.indexes() {
            let Some(key) = snapshots
                .text("appliance", row)
                .zip(snapshots.text("dataset", row))
            else {
                continue;
            };
            *counts.by_dataset.entry(key).or_default() += 1;
            *counts.n_snapshots.entry(key.0).or_default() += 1;
        }
        let datasets = Rows::of(&context.analysis.estate, "zfs_dataset");
        for row in datasets.indexes() {
            let Some(key) = datasets
                .text("appliance", row)
                .zip(datasets.text("origin_path", row))
            else {
                continue;
            };
            *counts.by_dataset.entry(key).or_default() += 1;
        }
        counts
    }
}

pub(super) fn orphans(context: &Context<'_>) -> Orphans {
    let dependants = Dependants::count(context);
    let table = |ids: &[&str]| {
        let findings = context.analysis.open_findings();
        let ours = findings.filter(|finding| ids.contains(&finding.check_id.as_str()));
        ours.map(|finding| orphan(context, finding, &dependants))
            .collect::<Vec<_>>()
    };
    let on_storage = table(&ON_STORAGE);
    let did_run = context
        .analysis
        .results
        .iter()
        .any(|result| result.check_id == ON_STORAGE[0] && is_evaluated(result));
    let sum = |grade: Grade| {
        let bytes = on_storage
            .iter()
            .filter(|orphan| orphan.grade == grade)
            .filter_map(|orphan| orphan.bytes.raw);
        did_run.then(|| Number::bytes(bytes.fold(0, i64::saturating_add), Round::Down))
    };
    let estate = &context.analysis.estate;
    let managed = Rows::of(estate, "zfs_dataset");
    let n_managed = managed
        .indexes()
        .filter(|row| managed.truth("is_managed", *row) == Some(true))
        .count();
    Orphans {
        basis: basis(context),
        limits: limits(context),
        n_storage_checked: population(context, ON_STORAGE[0]).unwrap_or(super::n(n_managed)),
        n_kubernetes_checked: population(context, IN_KUBERNETES[0])
            .unwrap_or(Rows::of(estate, "k8s_pv").n_rows()),
        confirmed: sum(Grade::Confirmed),
        probable: sum(Grade::Probable),
        candidate: sum(Grade::Candidate),
        in_kubernetes: table(&IN_KUBERNETES),
        on_storage,
    }
}

/// Objects that a check judged, where its page names them; zero when it judged nowhere.
fn population(context: &Context<'_>, check: &str) -> Option<i64> {
    let results = context
        .analysis
        .results
        .iter()
        .filter(|result| result.check_id == check);
    let counts: Vec<Option<i64>> = results
        .filter(|result| is_evaluated(result))
        .map(|result| result.n_population)
        .collect();
    if counts.is_empty() {
        return Some(0);
    }
    counts.into_iter().sum()
}

fn needs<'a>(context: &Context<'a>) -> Vec<&'a str> {
    match context.analysis.page(ON_STORAGE[0]) {
        Some(page) => page
            .needs
            .iter()
            .chain(&page.where_served)
            .map(String::as_str)
            .collect(),
        None => NEEDS.to_vec(),
    }
}

/// Every scope with the needed lists that describe it.
fn scoped_needs<'c>(context: &'c Context<'_>) -> impl Iterator<Item = (&'c str, Vec<&'c str>)> {
    let estate = &context.analysis.estate;
    let needs = needs(context);
    let clusters = estate.clusters.iter().map(|scope| (scope, true));
    let appliances = estate.appliances.iter().map(|scope| (scope, false));
    clusters.chain(appliances).map(move |(scope, is_cluster)| {
        let ours = |table: &&str| {
            if is_cluster {
                table.starts_with("k8s_")
            } else {
                table.starts_with("nas_") || table.starts_with("zfs_")
            }
        };
        (scope.as_str(), needs.iter().copied().filter(ours).collect())
    })
}

fn table_state<'c>(context: &'c Context<'_>, table: &str, scope: &str) -> &'c TableState {
    let key = (table.to_owned(), scope.to_owned());
    context
        .analysis
        .completeness
        .states
        .get(&key)
        .unwrap_or(&TableState::NotCollected)
}

fn basis(context: &Context<'_>) -> Vec<Name> {
    let is_whole =
        |state: &TableState| matches!(state, TableState::Complete | TableState::NotServed);
    scoped_needs(context)
        .filter(|(scope, tables)| {
            tables
                .iter()
                .all(|table| is_whole(table_state(context, table, scope)))
        })
        .map(|(scope, _)| context.names.scope(scope))
        .collect()
}

fn limits(context: &Context<'_>) -> Vec<Prose> {
    let mut limits = Vec::new();
    for (scope, tables) in scoped_needs(context) {
        for table in tables {
            let what = match table_state(context, table, scope) {
                TableState::Complete | TableState::NotServed => continue,
                TableState::NotCollected => "was not collected".to_owned(),
                TableState::Incomplete(outcome) => format!("was not read to its end ({outcome})"),
            };
            let start = Prose::words("The list for ")
                .code(table)
                .text(" of ")
                .name(&context.names.scope(scope));
            limits.push(start.text(&format!(" {what}: what it could explain is not judged.")));
        }
    }
    let rows = Rows::of(&context.analysis.estate, "collect_scope");
    if rows.n_rows() == 0 {
        limits.push(
            Prose::words("No declaration says which clusters share a parent dataset, so objects stay candidates. Add ")
                .code("scope: {parents: [{dataset: …, clusters: […], complete: true}]}")
                .text(" to the configuration to allow better grades."),
        );
    }
    let collected: BTreeSet<&str> = context
        .names
        .clusters()
        .map(|(_, name)| name.token.as_str())
        .collect();
    let pair = |row: usize| rows.text("parent", row).zip(rows.text("cluster", row));
    for (parent, cluster) in rows.indexes().filter_map(pair).collect::<BTreeSet<_>>() {
        if !collected.contains(cluster) {
            let start = Prose::words("Cluster ")
                .name(&Name::new("cluster", cluster))
                .text(" may own volumes below ");
            limits.push(
                start
                    .name(&Name::new("dataset", parent))
                    .text(" and was not collected."),
            );
        }
    }
    limits
}

fn orphan(context: &Context<'_>, found: &checks::Finding, counts: &Dependants<'_>) -> Orphan {
    let is_on_storage = ON_STORAGE.contains(&found.check_id.as_str());
    let time = |column: &str| value(found, column).and_then(Value::as_integer);
    let absent = ["first_absent_at", "absent_since_at", "absent_at"]
        .iter()
        .find_map(|column| time(column));
    Orphan {
        grade: grade(found.grade),
        subject: context.names.subject(&found.subject_table, &found.subject),
        check: found.check_id.clone(),
        bytes: match found.bytes {
            Some(bytes) => Number::bytes(bytes, Round::Down),
            None if is_on_storage => Number::not_known(Unit::Bytes, "no space of its own"),
            None => Number::not_known(Unit::Bytes, "nothing on storage"),
        },
        first_absent: Some(Moment::day(
            absent.unwrap_or_else(|| context.first_seen(found)),
        )),
        sessions: match value(found, "n_sessions").and_then(Value::as_integer) {
            Some(n) => Number::count(n),
            None => Number::not_collected(Unit::Count, "no list shows its clients"),
        },
        dependants: dependants(context, found, counts),
        note: note(context, found),
        finding: found.fingerprint.clone(),
    }
}

fn value<'f>(found: &'f checks::Finding, column: &str) -> Option<&'f Value> {
    found
        .evidence
        .iter()
        .find(|(name, _)| name == column)
        .map(|(_, value)| value)
}

fn note(context: &Context<'_>, found: &checks::Finding) -> Prose {
    if let Some(points) = &found.points {
        return Prose::words("Points at ").code(points).text(".");
    }
    let reason = ["grade_reason", "reason", "cause"]
        .into_iter()
        .find_map(|column| value(found, column).map(|value| (column, value)));
    if let Some((column, reason)) = reason {
        return finding::spoken(Prose::new(), finding::cell(context, column, reason));
    }
    let page = context.analysis.page(&found.check_id);
    page.map(|page| Prose::words(&page.title).text("."))
        .unwrap_or_default()
}

/// Snapshots of a dataset and clones of it, where both lists were read to their end.
fn dependants(context: &Context<'_>, found: &checks::Finding, counts: &Dependants<'_>) -> Number {
    if found.subject_table != "zfs_dataset" {
        return Number::not_known(Unit::Count, "not a dataset");
    }
    let estate = &context.analysis.estate;
    let datasets = Rows::of(estate, "zfs_dataset");
    let holder = || {
        let row = datasets.find(&[("path", &found.subject)])?;
        datasets.text("appliance", row)
    };
    let own = estate
        .appliances
        .iter()
        .find(|appliance| **appliance == found.scope)
        .map(String::as_str);
    let Some(appliance) = own.or_else(holder) else {
        return Number::not_known(Unit::Count, "the dataset is on no appliance");
    };
    let is_whole = |table: &str| *table_state(context, table, appliance) == TableState::Complete;
    if !is_whole("zfs_snapshot") || !is_whole("zfs_dataset") {
        return Number::not_collected(Unit::Count, "the list of snapshots is not whole");
    }
    match counts
        .by_dataset
        .get(&(appliance, found.subject.as_str()))
        .copied()
        .unwrap_or_default()
    {
        0 => Number::found(
            0,
            counts
                .n_snapshots
                .get(appliance)
                .copied()
                .unwrap_or_default(),
        ),
        n => Number::count_of(n, "snapshot or clone", "snapshots and clones"),
    }
}

pub(super) fn snapshots_without_backing(context: &Context<'_>) -> Vec<SnapshotWithoutBacking> {
    let findings = context
        .analysis
        .open_findings()
        .filter(|finding| finding.check_id == "SNP-001");
    findings
        .map(|finding| without_backing(context, finding))
        .collect()
}

fn without_backing(context: &Context<'_>, found: &checks::Finding) -> SnapshotWithoutBacking {
    let contents = Rows::of(&context.analysis.estate, "k8s_volume_snapshot_content");
    let is_cluster = context.analysis.estate.clusters.contains(&found.scope);
    let row = if is_cluster {
        contents.find(&[("cluster", &found.scope), ("name", &found.subject)])
    } else {
        contents.find(&[("name", &found.subject)])
    };
    let text = |column: &str| row.and_then(|row| contents.text(column, row));
    let snapshot = text("snapshot_namespace").zip(text("snapshot_name"));
    let claim = snapshot.and_then(|(namespace, name)| {
        let snapshots = Rows::of(&context.analysis.estate, "k8s_volume_snapshot");
        let row = snapshots.find(&[
            ("cluster", text("cluster")?),
            ("namespace", namespace),
            ("name", name),
        ])?;
        let claim = snapshots.text("source_claim", row)?;
        Some(Name::new("claim", &format!("{namespace}/{claim}")))
    });
    SnapshotWithoutBacking {
        grade: grade(found.grade),
        content: Name::new("content", &found.subject),
        snapshot: snapshot
            .map(|(namespace, name)| Name::new("volume-snapshot", &format!("{namespace}/{name}"))),
        claim,
        handle: Name::new("handle", text("handle").unwrap_or_default()),
        taken: row
            .and_then(|row| contents.integer("taken_at", row))
            .map(Moment::at),
        finding: found.fingerprint.clone(),
    }
}
