//! What each bound claim can be restored from: its newest restore point, how old that is, and what else there is.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{self, Facts};
use super::section::{Cell, Column, Section, Total};
use crate::analysis::AnalysisError;
use crate::cli::Show;
use crate::command::amount::DAY_SECS;
use crate::query::Value;

/// The check that knows which claims nothing protects: it needs what is needed here, but for the restore points.
const CHECK: &str = "SNP-011";
/// Tells of claims whose restore points are all in their own pool.
const ONE_POOL: &str = "SNP-012";
const BESIDE: [&str; 3] = ["k8s_again", "nas_pool", "zfs_snapshot"];

const CLAIMS: &str = "\
SELECT c.cluster AS cluster, c.namespace AS namespace, c.name AS name, c.capacity_bytes AS capacity_bytes,
       p.n_tasks AS n_tasks, p.n_replications AS n_replications
FROM k8s_pvc AS c
LEFT JOIN claim_protection AS p ON p.cluster = c.cluster AND p.namespace = c.namespace AND p.name = c.name
WHERE c.phase = 'Bound' AND c.deleting_at IS NULL";

const POINTS: &str = "\
SELECT p.cluster AS cluster, p.namespace AS namespace, p.name AS name, p.kind AS kind, p.evidence AS evidence,
       p.taken_at AS taken_at, :now + COALESCE(a.offset_secs, c.offset_secs, 0) - p.taken_at AS age_secs
FROM claim_point AS p
LEFT JOIN clock_offset AS a ON a.appliance = p.clock
LEFT JOIN clock_offset AS c ON c.cluster = p.cluster
WHERE p.taken_at IS NOT NULL AND COALESCE(p.expires_at, 9999999999) > :now + COALESCE(c.offset_secs, 0)";

const NOTE: &str = "\
A restore point is a ready snapshot whose backing is not gone, a snapshot of a
task on the dataset, a copy of one of its snapshots elsewhere, or a Velero
backup of the namespace. `told` is a replication that says it finished: its copy
was not seen. `in doubt` is a backup that may leave the claim out; it does not
count. Snapshots that somebody made by hand do not count. Planned is an enabled
task or replication.";

const COLUMNS: [Column; 14] = [
    Column::title("cluster"),
    Column::title("namespace"),
    Column::title("claim"),
    Column::figure("kind", "newest", 15),
    Column::figure("age_secs", "age", 12),
    Column::figure("evidence", "evidence", 9),
    Column::figure("n_kinds", "kinds", 6),
    Column::figure("is_planned", "planned", 8),
    Column::below("finding", "found"),
    Column::machine("taken_at"),
    Column::machine("capacity_bytes"),
    Column::machine("kinds"),
    Column::machine("bucket"),
    Column::machine("is_in_doubt"),
];

/// Ages up to which a newest restore point is in a bucket.
const BUCKETS: [(&str, i64); 3] = [
    ("within-1-day", DAY_SECS),
    ("within-7-days", 7 * DAY_SECS),
    ("within-30-days", 30 * DAY_SECS),
];
const OLDER: &str = "older";
const NONE: &str = "none";

/// Cluster, namespace and name.
type Key = (String, String, String);

/// One way to restore a claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    taken_at: i64,
    age_secs: i64,
    kind: String,
    evidence: String,
}

/// A bound claim with what it can be restored from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Claim {
    capacity_bytes: Option<i64>,
    is_planned: bool,
    points: Vec<Point>,
    /// Whether a backup may cover it, which does not count.
    is_in_doubt: bool,
    findings: Vec<String>,
}

impl Claim {
    /// The youngest one; what was seen goes before what was told, and the same age has an order of words.
    fn newest(&self) -> Option<&Point> {
        let key = |point: &&Point| {
            let is_told = point.evidence != "seen";
            (point.age_secs, is_told, point.kind.clone())
        };
        self.points.iter().min_by_key(key)
    }

    fn kinds(&self) -> BTreeSet<&str> {
        self.points
            .iter()
            .map(|point| point.kind.as_str())
            .collect()
    }

    fn bucket(&self) -> &'static str {
        let Some(newest) = self.newest() else {
            return NONE;
        };
        let mut buckets = BUCKETS.iter();
        let ours = buckets.find(|(_, age)| newest.age_secs <= *age);
        ours.map_or(OLDER, |(name, _)| name)
    }
}

pub(super) fn section(facts: &Facts) -> Result<Section, AnalysisError> {
    let gaps = facts.gaps_beside(CHECK, &BESIDE);
    let blind: BTreeSet<&str> = gaps.iter().map(|gap| gap.scope.as_str()).collect();
    let mut claims = claims(facts.ask(CLAIMS)?, facts.ask(POINTS)?);
    claims.retain(|(cluster, _, _), _| !blind.contains(cluster.as_str()));
    for check in [CHECK, ONE_POOL] {
        for finding in facts.findings(check) {
            let Some((namespace, name)) = finding.subject.split_once('/') else {
                continue;
            };
            let key = (finding.scope.clone(), namespace.to_owned(), name.to_owned());
            if let Some(claim) = claims.get_mut(&key) {
                claim.findings.push(facts::found(finding));
            }
        }
    }
    let mut order: Vec<(&Key, &Claim)> = claims.iter().collect();
    // Claims without any restore point first, then those with the oldest one.
    order.sort_by_key(|(_, claim)| {
        let age = claim.newest().map_or(i64::MAX, |newest| newest.age_secs);
        std::cmp::Reverse(age)
    });
    Ok(Section {
        show: Show::Coverage,
        totals: totals(&claims),
        rows: order.into_iter().map(row).collect(),
        gaps,
        columns: &COLUMNS,
        note: NOTE,
    })
}

/// Claims with their points; a point of a claim that is not there says nothing.
fn claims(listed: Vec<[Value; 6]>, points: Vec<[Value; 7]>) -> BTreeMap<Key, Claim> {
    let mut claims = BTreeMap::new();
    for row in listed {
        let [
            Value::Text(cluster),
            Value::Text(namespace),
            Value::Text(name),
            capacity,
            n_tasks,
            n_replications,
        ] = row
        else {
            continue;
        };
        let is_some = |n: Value| n.as_integer() > Some(0);
        let claim = Claim {
            capacity_bytes: capacity.as_integer(),
            is_planned: is_some(n_tasks) | is_some(n_replications),
            ..Claim::default()
        };
        claims.insert((cluster, namespace, name), claim);
    }
    for row in points {
        let [
            Value::Text(cluster),
            Value::Text(namespace),
            Value::Text(name),
            Value::Text(kind),
            Value::Text(evidence),
            Value::Integer(taken_at),
            Value::Integer(age_secs),
        ] = row
        else {
            continue;
        };
        let Some(claim) = claims.get_mut(&(cluster, namespace, name)) else {
            continue;
        };
        if evidence == "in-doubt" {
            claim.is_in_doubt = true;
            continue;
        }
        claim.points.push(Point {
            taken_at,
            // A clock that stands ahead makes nothing younger than now.
            age_secs: age_secs.max(0),
            kind,
            evidence,
        });
    }
    claims
}

fn row((key, claim): (&Key, &Claim)) -> Vec<Cell> {
    let (cluster, namespace, name) = key;
    let newest = claim.newest();
    let kinds = claim.kinds();
    let evidence = match newest {
        Some(newest) => Cell::text(&newest.evidence),
        None if claim.is_in_doubt => Cell::text("in doubt"),
        None => Cell::None,
    };
    vec![
        Cell::text(cluster),
        Cell::text(namespace),
        Cell::text(name),
        Cell::text(newest.map_or(NONE, |newest| &newest.kind)),
        Cell::of(newest, |newest| Cell::Secs(newest.age_secs)),
        evidence,
        Cell::Count(i64::try_from(kinds.len()).unwrap_or(i64::MAX)),
        Cell::Truth(claim.is_planned),
        Cell::of(
            Some(&claim.findings).filter(|found| !found.is_empty()),
            |found| Cell::Words(found.clone()),
        ),
        Cell::of(newest, |newest| Cell::At(newest.taken_at)),
        Cell::of(claim.capacity_bytes, Cell::Bytes),
        Cell::Words(kinds.into_iter().map(str::to_owned).collect()),
        Cell::text(claim.bucket()),
        Cell::Truth(claim.is_in_doubt),
    ]
}

fn totals(claims: &BTreeMap<Key, Claim>) -> Vec<Total> {
    let of = |wanted: &dyn Fn(&Claim) -> bool| {
        let n = claims.values().filter(|claim| wanted(claim)).count();
        i64::try_from(n).unwrap_or(i64::MAX)
    };
    let within = |name: &'static str| of(&|claim: &Claim| claim.bucket() == name);
    vec![
        Total::count("n_claims", "bound claims", of(&|_| true)),
        Total::count(
            "n_within_1_day",
            "with a restore point of at most 1 d",
            within("within-1-day"),
        ),
        Total::count("n_within_7_days", "7 d", within("within-7-days")),
        Total::count("n_within_30_days", "30 d", within("within-30-days")),
        Total::count("n_older", "older", within(OLDER)),
        Total::count("n_none", "without any", within(NONE)),
    ]
}
