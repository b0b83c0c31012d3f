//! The estate's volumes and pools, in the terms of the bill.

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::time::Time;

use super::period::Period;
use crate::analysis::Analysis;
use crate::assemble::Rows;
use crate::cost::{Pool, Volume};
use crate::history::{Estate, History};
use crate::query::value::rows;
use crate::query::{Limits, Params, QueryError, Value};

/// Lists of an appliance that an amount rests on.
const OF_APPLIANCE: [&str; 3] = ["nas_pool", "zfs_dataset", "zfs_dataset_space"];
/// The list of a cluster that an amount rests on.
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

// Both views are there because the check of orphans reads them.
const JOINED: &str = "SELECT v.cluster AS cluster, v.name AS name, v.appliance AS appliance, v.path AS path, \
                      v.n_evidence AS n_evidence FROM volume_join AS v WHERE v.is_contradiction = FALSE";
const COVERED: &str =
    "SELECT c.cluster AS cluster, c.name AS name FROM covered_pv AS c GROUP BY c.cluster, c.name";

/// Appliance and dataset, appliance and pool, or cluster and volume.
type Key<'a> = (&'a str, &'a str);

/// What is charged, and for what it stands.
pub(super) struct Read {
    /// Pools of appliances.
    pub(super) pools: Vec<Pool>,
    /// Appliances of the pools.
    pub(super) appliances: Vec<String>,
    /// Volumes.
    pub(super) volumes: Vec<Volume>,
    /// What they are.
    pub(super) objects: Vec<Object>,
    /// Lists that are missing, with their scope.
    pub(super) holes: Vec<String>,
}

/// What a volume is.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    pub(super) cluster: String,
    pub(super) name: String,
    pub(super) uid: String,
    pub(super) created_at: Option<i64>,
    pub(super) namespace: Option<String>,
    pub(super) claim: Option<String>,
    pub(super) protocol: String,
    /// Appliance and path.
    pub(super) dataset: Option<(String, String)>,
}

/// Datasets with what decides their price.
struct Datasets<'a> {
    rows: Rows<'a>,
    at: BTreeMap<Key<'a>, usize>,
    space: Rows<'a>,
    space_at: BTreeMap<Key<'a>, usize>,
}

impl<'a> Datasets<'a> {
    fn of(estate: &'a Estate) -> Self {
        let (rows, space) = (
            Rows::of(estate, "zfs_dataset"),
            Rows::of(estate, "zfs_dataset_space"),
        );
        Self {
            rows,
            at: indexed(rows, "appliance", "path"),
            space,
            space_at: indexed(space, "appliance", "path"),
        }
    }

    fn counter(&self, dataset: Key<'_>, column: &str) -> Option<i64> {
        self.space.integer(column, *self.space_at.get(&dataset)?)
    }

    /// `volsize` of a zvol, `refquota` or `quota` of a file system.
    fn promised(&self, dataset: Key<'_>) -> Option<i64> {
        let row = *self.at.get(&dataset)?;
        let limit = |column| self.rows.integer(column, row).filter(|bytes| *bytes > 0);
        limit("volsize_bytes")
            .or_else(|| limit("refquota_bytes"))
            .or_else(|| limit("quota_bytes"))
    }

    fn pool(&self, dataset: Key<'_>) -> Option<&'a str> {
        self.rows.text("pool", *self.at.get(&dataset)?)
    }
}

/// Bytes that a dataset holds with all that is in it.
pub(super) fn used_bytes(estate: &Estate) -> BTreeMap<(String, String), i64> {
    let space = Rows::of(estate, "zfs_dataset_space");
    let used = |row: usize| {
        let key = (
            space.text("appliance", row)?.to_owned(),
            space.text("path", row)?.to_owned(),
        );
        Some((key, space.integer("used_bytes", row)?))
    };
    space.indexes().filter_map(used).collect()
}

/// Volumes, pools and missing lists of an estate.
///
/// # Errors
/// A defect of a built-in view.
pub(super) fn read(
    analysis: &Analysis,
    history: &History,
    period: Period,
) -> Result<Read, QueryError> {
    let estate = &analysis.estate;
    let holes = holes(estate, history);
    let datasets = Datasets::of(estate);
    let joined = joined(analysis)?;
    let covered = pairs(analysis, COVERED)?;
    let pv = Rows::of(estate, "k8s_pv");
    let mut objects = Vec::new();
    let mut capacities = Vec::new();
    let mut classes = Vec::new();
    let mut reasons = Vec::new();
    for row in pv.indexes() {
        let Some(key) = key(pv, "cluster", "name", row) else {
            continue;
        };
        let places = joined
            .get(&(key.0.to_owned(), key.1.to_owned()))
            .map_or(&[][..], Vec::as_slice);
        let is_ours = FAMILIES.contains(&pv.text("family", row).unwrap_or_default());
        if places.is_empty() && !is_ours && !covered.contains(&(key.0.to_owned(), key.1.to_owned()))
        {
            continue;
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
        reasons.push(holes.get(key.0).or_else(of_appliance).cloned().or(reason));
        capacities.push(pv.integer("capacity_bytes", row));
        classes.push(text("storage_class"));
        objects.push(Object {
            cluster: key.0.to_owned(),
            name: key.1.to_owned(),
            uid: text("uid").unwrap_or_default(),
            created_at: pv.integer("created_at", row),
            namespace: text("claim_namespace"),
            claim: text("claim_name"),
            protocol: text("protocol").unwrap_or_default(),
            dataset,
        });
    }
    let (pools, places) = pools(estate, &datasets, &objects, &holes, period);
    let mut shares = shares(&objects);
    let volume = |index: usize| {
        let object = &objects[index];
        let dataset = object
            .dataset
            .as_ref()
            .map(|(appliance, path)| (&**appliance, &**path));
        let pool = dataset.and_then(|dataset| {
            let pool = (dataset.0.to_owned(), datasets.pool(dataset)?.to_owned());
            places.iter().position(|place| *place == pool)
        });
        let share = dataset
            .and_then(|dataset| shares.get_mut(&dataset))
            .map_or((0, 1), Share::next);
        let of = |bytes: Option<i64>| bytes.map(|bytes| part(bytes, share));
        let counter = |column| of(datasets.counter(dataset?, column));
        Volume {
            pool,
            class: classes[index].clone(),
            provisioned_bytes: of(dataset.and_then(|dataset| datasets.promised(dataset)))
                .or(capacities[index]),
            data_bytes: counter("used_by_dataset_bytes"),
            snapshot_bytes: counter("used_by_snapshots_bytes"),
            hours: period.hours(object.created_at),
            unread: reasons[index].clone(),
        }
    };
    let volumes = (0..objects.len()).map(volume).collect();
    Ok(Read {
        pools,
        appliances: places.into_iter().map(|(appliance, _)| appliance).collect(),
        volumes,
        objects,
        holes: holes.into_values().collect(),
    })
}

/// Pools that were listed and those of volumes, in the order of their names.
fn pools(
    estate: &Estate,
    datasets: &Datasets<'_>,
    objects: &[Object],
    holes: &BTreeMap<String, String>,
    period: Period,
) -> (Vec<Pool>, Vec<(String, String)>) {
    let listed = Rows::of(estate, "nas_pool");
    let listed = listed
        .indexes()
        .filter_map(|row| key(listed, "appliance", "name", row));
    let held = objects.iter().filter_map(|object| {
        let (appliance, path) = object.dataset.as_ref()?;
        Some((&**appliance, datasets.pool((appliance, path))?))
    });
    let places: BTreeSet<(String, String)> = listed
        .chain(held)
        .map(|(appliance, pool)| (appliance.to_owned(), pool.to_owned()))
        .collect();
    // A volume that is not in the list of its cluster would count as overhead.
    let blind = estate
        .clusters
        .iter()
        .find_map(|cluster| holes.get(cluster));
    let pool = |(appliance, name): &(String, String)| {
        let root = (&**appliance, &**name);
        let used_bytes = datasets.counter(root, "used_bytes");
        let available = datasets.counter(root, "available_bytes");
        let hole = holes.get(appliance);
        Pool {
            name: name.clone(),
            used_bytes: used_bytes.filter(|_| hole.is_none()),
            size_bytes: used_bytes
                .zip(available)
                .map(|(used, free)| used.saturating_add(free)),
            hours: period.hours(None),
            unread: hole.or(blind).cloned(),
        }
    };
    (
        places.iter().map(pool).collect(),
        places.into_iter().collect(),
    )
}

/// How often a dataset was given out, and to how many.
struct Share {
    n_given: i64,
    n: i64,
}

impl Share {
    fn next(&mut self) -> (i64, i64) {
        self.n_given += 1;
        (self.n_given - 1, self.n)
    }
}

/// Datasets by the number of volumes that lead to them.
fn shares(objects: &[Object]) -> BTreeMap<Key<'_>, Share> {
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
fn part(bytes: i64, (index, n): (i64, i64)) -> i64 {
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
fn holes(estate: &Estate, history: &History) -> BTreeMap<String, String> {
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

fn joined(analysis: &Analysis) -> Result<Joined, QueryError> {
    let mut joined = Joined::new();
    for row in asked(analysis, JOINED)? {
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

fn pairs(analysis: &Analysis, sql: &str) -> Result<BTreeSet<(String, String)>, QueryError> {
    let rows = asked(analysis, sql)?;
    Ok(rows
        .iter()
        .filter_map(|row| Some((text(row.first()?), text(row.get(1)?))))
        .collect())
}

fn asked(analysis: &Analysis, sql: &str) -> Result<Vec<Vec<Value>>, QueryError> {
    let frame = analysis
        .session
        .run(sql, &Params::new(), &Limits::default())?;
    Ok(rows(&frame))
}

fn text(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

fn key<'a>(rows: Rows<'a>, scope: &str, name: &str, row: usize) -> Option<Key<'a>> {
    rows.text(scope, row).zip(rows.text(name, row))
}

fn indexed<'a>(rows: Rows<'a>, scope: &str, name: &str) -> BTreeMap<Key<'a>, usize> {
    rows.indexes()
        .filter_map(|row| Some((key(rows, scope, name, row)?, row)))
        .collect()
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
