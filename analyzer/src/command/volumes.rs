//! The volumes of an estate: whose they are and which dataset they lead to. A list with a hole makes them unread.
//!
//! The only reader of both: what is charged and what grows are the same volumes.

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::time::Time;

use crate::assemble::Rows;
use crate::history::{Estate, History};
use crate::query::value::rows;
use crate::query::{Limits, Params, QueryError, Session, Value};

/// Lists of an appliance that the space of a volume rests on.
const OF_APPLIANCE: [&str; 3] = ["nas_pool", "zfs_dataset", "zfs_dataset_space"];
/// The list of a cluster that it rests on.
const OF_CLUSTER: [&str; 1] = ["k8s_pv"];
/// Planned runs that may pass without a list.
const MAX_RUNS: i64 = 2;
/// Seconds between runs of a collector that does not tell.
const EVERY_SECS: i64 = 86_400;
/// Software that keeps its volumes on TrueNAS.
const FAMILIES: [&str; 5] = [
    "democratic-csi",
    "zfs-generic",
    "shared-directory",
    "truenas-csi",
    "tns-csi",
];

const JOINED: &str = "SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance, v.path AS path, \
                      v.n_evidence AS n_evidence FROM volume_join AS v WHERE v.is_contradiction = FALSE";
const COVERED: &str =
    "SELECT c.cluster AS cluster, c.name AS name FROM covered_pv AS c GROUP BY c.cluster, c.name";

/// Views that a session needs for [`volumes`].
pub(crate) const VIEWS: [&str; 2] = ["volume_join", "covered_pv"];

/// Cluster and volume.
type Key<'a> = (&'a str, &'a str);

/// What a volume is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    pub(crate) cluster: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) created_at: Option<i64>,
    pub(crate) namespace: Option<String>,
    pub(crate) claim: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) protocol: String,
    pub(crate) capacity_bytes: Option<i64>,
    /// Appliance and path.
    pub(crate) dataset: Option<(String, String)>,
    /// Why nothing can be said of its space.
    pub(crate) unread: Option<String>,
    /// End of the last bundle that showed it, of a volume that is gone: what its dataset held later is not its own.
    pub(crate) until: Option<i64>,
}

/// Volumes of TrueNAS drivers, and those that lead to a dataset.
///
/// # Errors
/// A defect of a built-in view.
pub(crate) fn volumes(
    estate: &Estate,
    session: &Session,
    holes: &BTreeMap<String, String>,
) -> Result<Vec<Object>, QueryError> {
    let joined = joined(session)?;
    let covered = pairs(session, COVERED)?;
    let pv = Rows::of(estate, "k8s_pv");
    let object = |row: usize| {
        let key: Key<'_> = (pv.text("cluster", row)?, pv.text("name", row)?);
        let owned = (key.0.to_owned(), key.1.to_owned());
        let places = joined.get(&owned).map_or(&[][..], Vec::as_slice);
        let is_ours = FAMILIES.contains(&pv.text("family", row).unwrap_or_default());
        if places.is_empty() && !is_ours && !covered.contains(&owned) {
            return None;
        }
        let text = |column| {
            pv.text(column, row)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let (dataset, reason) = match surest(places) {
            Ok(place) => (Some(place), None),
            Err(reason) => (None, Some(reason.to_owned())),
        };
        let of_appliance = || {
            dataset
                .as_ref()
                .and_then(|(appliance, _)| holes.get(appliance.as_str()))
        };
        Some(Object {
            unread: holes.get(key.0).or_else(of_appliance).cloned().or(reason),
            capacity_bytes: pv.integer("capacity_bytes", row),
            class: text("storage_class"),
            uid: text("uid").unwrap_or_default(),
            created_at: pv.integer("created_at", row),
            namespace: text("claim_namespace"),
            claim: text("claim_name"),
            protocol: text("protocol").unwrap_or_default(),
            cluster: owned.0,
            name: owned.1,
            dataset,
            until: None,
        })
    };
    Ok(pv.indexes().filter_map(object).collect())
}

/// How often a dataset was given out, and to how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    n_given: i64,
    n: i64,
}

impl Share {
    /// Which of how many.
    pub(crate) fn next(&mut self) -> (i64, i64) {
        self.n_given += 1;
        (self.n_given - 1, self.n)
    }
}

/// Datasets by the number of volumes that lead to them.
pub(crate) fn shares<'a>(
    objects: impl IntoIterator<Item = &'a Object>,
) -> BTreeMap<(&'a str, &'a str), Share> {
    let mut shares: BTreeMap<Key<'_>, Share> = BTreeMap::new();
    for object in objects {
        if let Some((appliance, path)) = &object.dataset {
            shares
                .entry((appliance, path))
                .or_insert(Share { n_given: 0, n: 0 })
                .n += 1;
        }
    }
    shares
}

/// The part of one of `n` volumes that share bytes; the parts add up.
pub(crate) fn part(bytes: i64, (index, n): (i64, i64)) -> i64 {
    bytes / n + i64::from(index < bytes % n)
}

/// The dataset with most evidence.
fn surest(places: &[(String, String, i64)]) -> Result<(String, String), &'static str> {
    let most = places.iter().map(|(_, _, n_evidence)| *n_evidence).max();
    let mut best = places
        .iter()
        .filter(|(_, _, n_evidence)| Some(*n_evidence) == most);
    match (best.next(), best.next()) {
        (Some((appliance, path, _)), None) => Ok((appliance.clone(), path.clone())),
        (Some(_), Some(_)) => Err("it leads to several datasets"),
        (None, _) => Err("its dataset was not found"),
    }
}

/// Lists that are missing or overdue, in words, by the appliance or cluster that is blind without them.
pub(crate) fn holes(estate: &Estate, history: &History) -> BTreeMap<String, String> {
    let appliances = estate
        .appliances
        .iter()
        .map(|appliance| (appliance, &OF_APPLIANCE[..]));
    let clusters = estate
        .clusters
        .iter()
        .map(|cluster| (cluster, &OF_CLUSTER[..]));
    let mut holes = BTreeMap::new();
    for (scope, tables) in appliances.chain(clusters) {
        for table in tables {
            if let Some(outcome) = hole(estate, history, table, scope) {
                holes
                    .entry(scope.clone())
                    .or_insert_with(|| format!("{table} of {scope}: {outcome}"));
            }
        }
    }
    holes
}

fn hole(estate: &Estate, history: &History, table: &str, scope: &str) -> Option<String> {
    let key = (table.to_owned(), scope.to_owned());
    match estate.outcomes.get(&key).map(String::as_str) {
        Some("ok" | "empty") => {}
        Some(outcome) => return Some(outcome.to_owned()),
        None => return Some("not collected".to_owned()),
    }
    let source = history.source_of(&estate.domain, table, scope, estate.now)?;
    let every = source.expected_every_secs.unwrap_or(EVERY_SECS);
    let is_overdue = estate.now - source.ended_at > MAX_RUNS * every;
    is_overdue.then(|| format!("last read {}", Time::from_unix_secs(source.ended_at).day()))
}

/// Appliance and path of a dataset, with the evidences that join it.
type Place = (String, String, i64);
/// Places of each PV, by cluster and name.
type Joined = BTreeMap<(String, String), Vec<Place>>;

fn joined(session: &Session) -> Result<Joined, QueryError> {
    let mut joined = Joined::new();
    for row in asked(session, JOINED)? {
        if let [cluster, name, appliance, path, n_evidence] = row.as_slice() {
            let place = (
                text(appliance),
                text(path),
                n_evidence.as_integer().unwrap_or_default(),
            );
            joined
                .entry((text(cluster), text(name)))
                .or_default()
                .push(place);
        }
    }
    Ok(joined)
}

fn pairs(session: &Session, sql: &str) -> Result<BTreeSet<(String, String)>, QueryError> {
    let rows = asked(session, sql)?;
    Ok(rows
        .iter()
        .filter_map(|row| Some((text(row.first()?), text(row.get(1)?))))
        .collect())
}

fn asked(session: &Session, sql: &str) -> Result<Vec<Vec<Value>>, QueryError> {
    let frame = session.run(sql, &Params::new(), &Limits::default())?;
    Ok(rows(&frame))
}

fn text(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_that_volumes_share_is_charged_once() {
        for (bytes, n) in [(10, 3), (0, 2), (1 << 40, 7), (5, 1)] {
            let parts: Vec<i64> = (0..n).map(|index| part(bytes, (index, n))).collect();
            assert_eq!(parts.iter().sum::<i64>(), bytes);
            let most = parts.iter().max().zip(parts.iter().min());
            assert!(most.is_some_and(|(most, least)| most - least <= 1));
        }
    }

    #[test]
    fn an_appliance_or_cluster_without_a_complete_list_is_a_hole() {
        let history = History::in_memory();
        let mut estate = Estate::at(&history, "d", None).unwrap();
        assert!(holes(&estate, &history).is_empty());
        estate.appliances = vec!["nas".to_owned()];
        estate.clusters = vec!["c".to_owned()];
        for table in OF_APPLIANCE {
            let key = (table.to_owned(), "nas".to_owned());
            estate.outcomes.insert(key, "ok".to_owned());
        }
        let key = ("k8s_pv".to_owned(), "c".to_owned());
        estate.outcomes.insert(key, "denied".to_owned());
        let found = holes(&estate, &history);
        assert_eq!(found["c"], "k8s_pv of c: denied");
        assert_eq!(found.len(), 1);
        let key = ("zfs_dataset".to_owned(), "nas".to_owned());
        estate.outcomes.remove(&key);
        let found = holes(&estate, &history);
        assert_eq!(found["nas"], "zfs_dataset of nas: not collected");
    }

    #[test]
    fn a_volume_belongs_to_the_dataset_with_most_evidence_if_there_is_one() {
        let place = |path: &str, n: i64| ("nas".to_owned(), path.to_owned(), n);
        let found = |places: &[(String, String, i64)]| surest(places).map(|(_, path)| path);
        assert_eq!(found(&[place("a", 1), place("b", 3)]), Ok("b".to_owned()));
        assert_eq!(
            found(&[place("a", 2), place("b", 2)]),
            Err("it leads to several datasets")
        );
        assert_eq!(found(&[]), Err("its dataset was not found"));
    }
}
