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

/// Which pool and class an object belongs to.
#[derive(Debug, Default)]
pub struct Places {
    pool_of_dataset: BTreeMap<Key, String>,
    class_of_dataset: BTreeMap<Key, String>,
    pool_of_pv: BTreeMap<Key, String>,
    class_of_pv: BTreeMap<Key, String>,
    pv_of_claim: BTreeMap<Key, String>,
    class_of_claim: BTreeMap<Key, String>,
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
        let claims = |column: &str| {
            let sql = format!("SELECT cluster, namespace, name, {column} AS place FROM k8s_pvc");
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
            pv_of_claim: claims("volume_name")?,
            class_of_claim: claims("storage_class")?,
        })
    }

    /// Pool and class of a finding's object, as far as they are known.
    fn of(&self, finding: &Finding) -> [Option<Place>; 2] {
        let named = |column: &str| {
            let mut cells = finding.evidence.iter().filter(|(name, _)| name == column);
            cells.find_map(|(_, value)| value.as_text().map(str::to_owned))
        };
        let key = |subject: &str| (finding.scope.clone(), subject.to_owned());
        // A finding of an appliance names the cluster beside the object.
        let of_cluster = |name: &str| {
            let cluster = named("cluster").unwrap_or_else(|| finding.scope.clone());
            (cluster, name.to_owned())
        };
        let subject = finding.subject.as_str();
        let (pool, class) = match finding.subject_table.as_str() {
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
            "k8s_pvc" => {
                let claim = match named("namespace") {
                    Some(namespace) if !subject.contains('/') => {
                        of_cluster(&format!("{namespace}/{subject}"))
                    }
                    _ => of_cluster(subject),
                };
                let pv = self.pv_of_claim.get(&claim).map(|pv| of_cluster(pv));
                (
                    pv.and_then(|pv| self.pool_of_pv.get(&pv).cloned()),
                    self.class_of_claim.get(&claim).cloned(),
                )
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
        let of_place = |place: &Option<Place>| placed.get(place.as_ref()?);
        merged(
            &finding.check_id,
            std::iter::once(thresholds).chain(places.iter().filter_map(of_place)),
        )
    }
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
mod tests {
    use super::*;
    use crate::checks::{Completeness, Grade, Severity, TableState};
    use crate::query::{Catalog, CatalogColumn, ColumnKind, Limits};
    use polars::prelude::df;

    const PAGE: &str = "---\nid: CAP-900\ntitle: Large\nseverity: low\nscope: appliance\nneeds: [zfs_dataset]\n\
        since: \"1\"\nthresholds:\n  limit_bytes: {default: 100, unit: bytes, authority: ours}\n---\n\
        ## What\n\nx\n\n## Why\n\nx\n\n## Fix\n\nx\n";
    const SQL: &str = "SELECT d.path AS subject, 'zfs_dataset' AS subject_table, d.appliance AS appliance \
        FROM zfs_dataset AS d WHERE d.volsize_bytes >= :limit_bytes";

    fn text(name: &str) -> CatalogColumn {
        CatalogColumn::token(name)
    }

    fn session() -> Session {
        let mut session = Session::new(Catalog::default());
        let mut put = |name: &str, frame: polars::prelude::DataFrame, columns| {
            session
                .register(name, frame, columns)
                .expect("a valid table");
        };
        put(
            "zfs_dataset",
            df!("appliance" => ["n"; 4], "path" => ["p/a", "p/b", "q/a", "q/b"], "pool" => ["p", "p", "q", "q"],
                "volsize_bytes" => [50i64, 150, 50, 150])
            .unwrap(),
            vec![
                text("appliance"),
                text("path"),
                text("pool"),
                CatalogColumn::plain("volsize_bytes", ColumnKind::Integer),
            ],
        );
        put(
            "volume_join",
            df!("cluster" => ["c"; 4], "name" => ["pv", "torn", "torn", "whole"], "appliance" => ["n"; 4],
                "path" => ["q/b", "p/a", "q/a", "q/a"])
            .unwrap(),
            ["cluster", "name", "appliance", "path"].map(text).to_vec(),
        );
        put(
            "k8s_pv",
            df!("cluster" => ["c"; 3], "name" => ["pv", "torn", "whole"], "storage_class" => ["fast", "slow", "fast"])
                .unwrap(),
            ["cluster", "name", "storage_class"].map(text).to_vec(),
        );
        put(
            "k8s_pvc",
            df!("cluster" => ["c"], "namespace" => ["ns"], "name" => ["x"], "volume_name" => ["pv"],
                "storage_class" => ["fast"])
            .unwrap(),
            ["cluster", "namespace", "name", "volume_name", "storage_class"].map(text).to_vec(),
        );
        session
    }

    /// Subjects found with a limit for every place, and the state.
    fn found(limits: &[(Option<Place>, i64)]) -> (State, Vec<String>) {
        let check = Check::parse("capacity/cap-900-large", PAGE, SQL).unwrap();
        let set = |limit: i64| {
            let values = Values::from([("limit_bytes".to_owned(), ParamValue::Integer(limit))]);
            Overrides::from([("CAP-900".to_owned(), values)])
        };
        let (mut thresholds, mut placed) = (Overrides::new(), BTreeMap::new());
        for (place, limit) in limits {
            match place {
                None => thresholds = set(*limit),
                Some(place) => drop(placed.insert(place.clone(), set(*limit))),
            }
        }
        let session = session();
        let completeness = Completeness {
            states: [(
                ("zfs_dataset".to_owned(), "n".to_owned()),
                TableState::Complete,
            )]
            .into(),
            appliances: vec!["n".to_owned()],
            clusters: Vec::new(),
        };
        let input = RunInput {
            session: &session,
            completeness: &completeness,
            thresholds: &thresholds,
            limits: Limits::default(),
            domain: "d",
            now_unix_secs: 0,
        };
        let places = Places::find(&session).unwrap();
        let results = run_placed(&[check], &input, &placed, &places);
        assert_eq!(results.len(), 1);
        let findings = results[0].findings.iter();
        (
            results[0].state.clone(),
            findings.map(|finding| finding.subject.clone()).collect(),
        )
    }

    fn pool(name: &str) -> Option<Place> {
        Some(Place::Pool(name.to_owned()))
    }

    #[test]
    fn a_pool_has_its_own_limit_and_others_keep_theirs() {
        assert_eq!(found(&[]).1, ["p/b", "q/b"]);
        assert_eq!(found(&[(pool("p"), 40)]).1, ["p/a", "p/b", "q/b"]);
        assert_eq!(found(&[(pool("p"), 1000)]).1, ["q/b"]);
        assert_eq!(found(&[(None, 40), (pool("p"), 1000)]).1, ["q/a", "q/b"]);
    }

    #[test]
    fn a_class_counts_more_than_a_pool() {
        let class = Some(Place::Class("fast".to_owned()));
        assert_eq!(
            found(&[(pool("q"), 1000), (class.clone(), 100)]).1,
            ["p/b", "q/b"]
        );
        assert_eq!(found(&[(pool("q"), 40), (class, 1000)]).1, ["p/b", "q/a"]);
    }

    /// Pool and class of an object that a check of a scope found.
    fn place_of(
        subject_table: &str,
        scope: &str,
        subject: &str,
        evidence: &[(&str, &str)],
    ) -> [Option<String>; 2] {
        let finding = Finding {
            check_id: "CAP-900".to_owned(),
            scope: scope.to_owned(),
            subject_table: subject_table.to_owned(),
            subject: subject.to_owned(),
            grade: Grade::Confirmed,
            severity: Severity::Low,
            effective_severity: Severity::Low,
            bytes: None,
            points: None,
            evidence: evidence
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned())))
                .collect(),
            fingerprint: String::new(),
        };
        let places = Places::find(&session()).unwrap().of(&finding);
        places.map(|place| {
            place.map(|place| match place {
                Place::Pool(name) | Place::Class(name) => name,
            })
        })
    }

    fn both(pool: &str, class: &str) -> [Option<String>; 2] {
        [Some(pool.to_owned()), Some(class.to_owned())]
    }

    #[test]
    fn a_volume_is_found_by_its_cluster_whatever_the_scope_of_the_check() {
        let of_appliance = place_of("k8s_pv", "n", "pv", &[("cluster", "c")]);
        assert_eq!(of_appliance, both("q", "fast"));
        assert_eq!(place_of("k8s_pv", "c", "pv", &[]), both("q", "fast"));
        let other = place_of("k8s_pv", "n", "pv", &[("cluster", "d")]);
        assert_eq!(other, [None, None]);
    }

    #[test]
    fn a_claim_is_found_by_its_namespace_in_front_or_in_the_evidence() {
        let bare = place_of("k8s_pvc", "c", "x", &[("namespace", "ns")]);
        assert_eq!(bare, both("q", "fast"));
        assert_eq!(place_of("k8s_pvc", "c", "ns/x", &[]), both("q", "fast"));
        let other = place_of("k8s_pvc", "c", "x", &[("namespace", "other")]);
        assert_eq!(other, [None, None]);
    }

    #[test]
    fn an_object_of_two_places_has_neither() {
        let torn = place_of("k8s_pv", "c", "torn", &[]);
        assert_eq!(torn, [None, Some("slow".to_owned())]);
        // Its two volumes have classes that differ.
        let shared = place_of("zfs_dataset", "n", "q/a", &[]);
        assert_eq!(shared, [Some("q".to_owned()), None]);
    }

    #[test]
    fn a_check_whose_findings_all_lie_in_a_lenient_pool_passes() {
        let (state, found) = found(&[(pool("p"), 1000), (pool("q"), 1000)]);
        assert_eq!((state, found), (State::Pass, Vec::new()));
    }

    #[test]
    fn places_with_one_set_of_values_need_one_run() {
        let set = |limit| {
            let values = Values::from([("x".to_owned(), ParamValue::Integer(limit))]);
            Overrides::from([("A".to_owned(), values)])
        };
        let placed = BTreeMap::from([
            (Place::Pool("a".to_owned()), set(1)),
            (Place::Pool("b".to_owned()), set(1)),
            (Place::Class("c".to_owned()), set(2)),
        ]);
        assert_eq!(variants("A", &Overrides::new(), &placed).len(), 3);
        assert_eq!(variants("B", &Overrides::new(), &placed).len(), 1);
    }
}
