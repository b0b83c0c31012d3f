//! Thresholds of one pool or one storage class: the check runs once for each distinct set of them, and of each run those
//! findings are kept whose objects it is about. The statements know nothing of it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::checks::run::{CheckResult, Overrides, RunInput, State, order, run_check};
use crate::checks::{Check, Finding};
use crate::query::value::rows;
use crate::query::{ParamValue, Params, QueryError, Session, Value};

/// Where thresholds apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Objects on a pool, by its name.
    Pool(String),
    /// Objects of a storage class, by its name.
    Class(String),
}

/// Thresholds of one check by name.
type Values = BTreeMap<String, ParamValue>;
/// Appliance or cluster, and the object's key in it; a claim's has its namespace in front.
type Key = (String, String);

/// What an object is called: the table of the key, the appliance or cluster that it is of, and the key.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// As a finding's subject table.
    pub table: &'s str,
    /// Appliance or cluster.
    pub scope: &'s str,
    /// As a finding's subject.
    pub key: &'s str,
}

/// Which pool and class an object belongs to.
#[derive(Debug, Default)]
pub struct Places {
    pool_of_dataset: BTreeMap<Key, String>,
    class_of_dataset: BTreeMap<Key, String>,
    pool_of_pv: BTreeMap<Key, String>,
    class_of_pv: BTreeMap<Key, String>,
    pv_of_claim: BTreeMap<Key, String>,
    class_of_claim: BTreeMap<Key, String>,
    claim_of_snapshot: BTreeMap<Key, String>,
}

impl Places {
    /// Looks every object up; the session must hold the view `volume_join`.
    ///
    /// # Errors
    /// A missing table or view; a defect.
    pub fn find(session: &Session) -> Result<Self, QueryError> {
        let pairs = |sql: &str| -> Result<BTreeMap<Key, String>, QueryError> {
            let frame = session.run(sql, &Params::new(), &crate::query::Limits::default())?;
            let pair = |row: Vec<Value>| match <[Value; 3]>::try_from(row) {
                Ok([Value::Text(scope), Value::Text(key), Value::Text(place)]) => {
                    Some(((scope, key), place))
                }
                _ => None,
            };
            Ok(unanimous(rows(&frame).into_iter().filter_map(pair)))
        };
        let claims = |table: &str, column: &str| {
            let sql = format!("SELECT cluster, namespace, name, {column} AS place FROM {table}");
            let frame = session.run(&sql, &Params::new(), &crate::query::Limits::default())?;
            let pair = |row: Vec<Value>| match <[Value; 4]>::try_from(row) {
                Ok(
                    [
                        Value::Text(cluster),
                        Value::Text(namespace),
                        Value::Text(name),
                        Value::Text(place),
                    ],
                ) => Some(((cluster, format!("{namespace}/{name}")), place)),
                _ => None,
            };
            Ok::<BTreeMap<Key, String>, QueryError>(unanimous(
                rows(&frame).into_iter().filter_map(pair),
            ))
        };
        Ok(Self {
            pool_of_dataset: pairs("SELECT appliance, path, pool FROM zfs_dataset")?,
            class_of_dataset: pairs(
                "SELECT v.appliance AS appliance, v.path AS path, p.storage_class AS place FROM volume_join AS v \
                 JOIN k8s_pv AS p ON p.cluster = v.cluster AND p.name = v.name",
            )?,
            pool_of_pv: pairs(
                "SELECT v.cluster AS cluster, v.name AS name, d.pool AS place FROM volume_join AS v \
                 JOIN zfs_dataset AS d ON d.appliance = v.appliance AND d.path = v.path",
            )?,
            class_of_pv: pairs("SELECT cluster, name, storage_class FROM k8s_pv")?,
            pv_of_claim: claims("k8s_pvc", "volume_name")?,
            class_of_claim: claims("k8s_pvc", "storage_class")?,
            claim_of_snapshot: claims("k8s_volume_snapshot", "source_claim")?,
        })
    }

    /// Pool and class of a finding's object, as far as they are known.
    fn of(&self, finding: &Finding) -> [Option<Place>; 2] {
        let subject = Subject {
            table: &finding.subject_table,
            scope: &finding.scope,
            key: &finding.subject,
        };
        self.at(subject, |column| {
            let mut cells = finding.evidence.iter().filter(|(name, _)| name == column);
            cells.find_map(|(_, value)| value.as_text().map(str::to_owned))
        })
    }

    /// Pool and class of an object, with what is named beside it.
    fn at(
        &self,
        Subject {
            table,
            scope,
            key: subject,
        }: Subject<'_>,
        named: impl Fn(&str) -> Option<String>,
    ) -> [Option<Place>; 2] {
        let key = |subject: &str| (scope.to_owned(), subject.to_owned());
        // A finding of an appliance names the cluster beside the object.
        let of_cluster = |name: &str| {
            let cluster = named("cluster").unwrap_or_else(|| scope.to_owned());
            (cluster, name.to_owned())
        };
        // One of an object with a namespace has that in front, or beside it.
        let of_namespace = || match named("namespace") {
            Some(namespace) if !subject.contains('/') => {
                of_cluster(&format!("{namespace}/{subject}"))
            }
            _ => of_cluster(subject),
        };
        let of_claim = |claim: &Key| {
            let pv = self.pv_of_claim.get(claim).map(|pv| of_cluster(pv));
            (
                pv.and_then(|pv| self.pool_of_pv.get(&pv).cloned()),
                self.class_of_claim.get(claim).cloned(),
            )
        };
        let (pool, class) = match table {
            "nas_pool" => (Some(subject.to_owned()), None),
            "k8s_storage_class" => (None, Some(subject.to_owned())),
            "zfs_dataset" | "zfs_dataset_space" | "zfs_snapshot" => {
                let key = key(subject.split('@').next().unwrap_or(subject));
                (
                    self.pool_of_dataset.get(&key).cloned(),
                    self.class_of_dataset.get(&key).cloned(),
                )
            }
            "k8s_pv" => {
                let key = of_cluster(subject);
                (
                    self.pool_of_pv.get(&key).cloned(),
                    self.class_of_pv.get(&key).cloned(),
                )
            }
            "k8s_pvc" => of_claim(&of_namespace()),
            "k8s_volume_snapshot" => {
                let (cluster, snapshot) = of_namespace();
                let namespace = snapshot.split('/').next().unwrap_or_default().to_owned();
                let claim = self.claim_of_snapshot.get(&(cluster, snapshot));
                claim.map_or((None, None), |claim| {
                    of_claim(&of_cluster(&format!("{namespace}/{claim}")))
                })
            }
            _ => (None, None),
        };
        [
            pool.or_else(|| named("pool")).map(Place::Pool),
            class.or_else(|| named("storage_class")).map(Place::Class),
        ]
    }

    /// Thresholds of a check that are in force for a finding's object, without those that are default.
    pub fn values(
        &self,
        finding: &Finding,
        thresholds: &Overrides,
        placed: &BTreeMap<Place, Overrides>,
    ) -> Values {
        let places = self.of(finding);
        in_force(&finding.check_id, &places, thresholds, placed)
    }

    /// The same for an object that a check may or may not find.
    pub fn values_of(
        &self,
        check: &str,
        subject: Subject<'_>,
        thresholds: &Overrides,
        placed: &BTreeMap<Place, Overrides>,
    ) -> Values {
        let places = self.at(subject, |_| None);
        in_force(check, &places, thresholds, placed)
    }
}

/// Thresholds of every object, and over them those of the places.
fn in_force(
    check: &str,
    places: &[Option<Place>; 2],
    thresholds: &Overrides,
    placed: &BTreeMap<Place, Overrides>,
) -> Values {
    let of_place = |place: &Option<Place>| placed.get(place.as_ref()?);
    merged(
        check,
        std::iter::once(thresholds).chain(places.iter().filter_map(of_place)),
    )
}

/// The place of each object on which all of its rows agree.
fn unanimous(rows: impl Iterator<Item = (Key, String)>) -> BTreeMap<Key, String> {
    let mut places: BTreeMap<Key, Option<String>> = BTreeMap::new();
    for (key, place) in rows {
        let held = places.entry(key).or_insert_with(|| Some(place.clone()));
        if held.as_ref() != Some(&place) {
            *held = None;
        }
    }
    let agreed = |(key, place): (Key, Option<String>)| Some((key, place?));
    places.into_iter().filter_map(agreed).collect()
}

/// Runs the checks side by side with the thresholds of places; results are sorted by check and scope.
pub fn run_placed(
    checks: &[Check],
    input: &RunInput<'_>,
    placed: &BTreeMap<Place, Overrides>,
    places: &Places,
) -> Vec<CheckResult> {
    let mut results: Vec<CheckResult> = checks
        .par_iter()
        .flat_map_iter(|check| run_one(check, input, placed, places))
        .collect();
    results
        .sort_by(|left, right| (&left.check_id, &left.scope).cmp(&(&right.check_id, &right.scope)));
    results
}

fn run_one(
    check: &Check,
    input: &RunInput<'_>,
    placed: &BTreeMap<Place, Overrides>,
    places: &Places,
) -> Vec<CheckResult> {
    let id = &check.page.id;
    let mut kept: Vec<CheckResult> = Vec::new();
    for values in variants(id, input.thresholds, placed) {
        let thresholds = Overrides::from([(id.clone(), values.clone())]);
        let of_variant = RunInput {
            thresholds: &thresholds,
            ..*input
        };
        let mut results = run_check(check, &of_variant);
        for result in &mut results {
            let is_ours =
                |finding: &Finding| places.values(finding, input.thresholds, placed) == values;
            result.findings.retain(is_ours);
        }
        if kept.is_empty() {
            kept = results;
            continue;
        }
        for (result, other) in kept.iter_mut().zip(results) {
            if matches!(other.state, State::NotEvaluated(_)) {
                result.state = other.state;
            }
            result.findings.extend(other.findings);
        }
    }
    for result in &mut kept {
        result.findings.sort_by(order);
        result.state = match (&result.state, result.findings.is_empty()) {
            (State::NotEvaluated(_), _) => continue,
            (_, false) => State::Fail,
            (State::Fail, true) => State::Pass,
            _ => continue,
        };
    }
    kept
}

/// The distinct sets of thresholds that a check is run with, that of no place first.
fn variants(
    check: &str,
    thresholds: &Overrides,
    placed: &BTreeMap<Place, Overrides>,
) -> Vec<Values> {
    let ours = || {
        placed
            .iter()
            .filter(|(_, of_place)| of_place.contains_key(check))
    };
    let of = |is_wanted: fn(&Place) -> bool| {
        let wanted = ours().filter(move |(place, _)| is_wanted(place));
        std::iter::once(None).chain(wanted.map(|(_, of_place)| Some(of_place)))
    };
    let mut variants: Vec<Values> = Vec::new();
    for pool in of(|place| matches!(place, Place::Pool(_))) {
        for class in of(|place| matches!(place, Place::Class(_))) {
            let values = merged(check, [Some(thresholds), pool, class].into_iter().flatten());
            if !variants.contains(&values) {
                variants.push(values);
            }
        }
    }
    variants
}

/// Later values win.
fn merged<'o>(check: &str, overrides: impl Iterator<Item = &'o Overrides>) -> Values {
    let of_check = overrides.filter_map(|overrides| overrides.get(check));
    of_check
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests;
