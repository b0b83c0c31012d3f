//! What the checks found that could come back, and for how many days of growth it stands.

use std::collections::BTreeMap;

use super::read::{Read, used_bytes};
use crate::analysis::Analysis;
use crate::assemble::Rows;
use crate::checks::{Check, Finding, Grade, State};
use crate::cost::{Kind, Waste, deferral_days, distinct};
use crate::history::{Estate, History};
use crate::query::Value;
use crate::trend::{daily, growth};

// Exports and extents without a volume, and deletions that are blocked, point at the same space.
/// Datasets that no volume leads to.
const ON_STORAGE: [&str; 3] = ["ORP-001", "ORP-009", "ORP-015"];
/// Volumes that nobody uses.
const IN_KUBERNETES: [&str; 4] = ["ORP-010", "ORP-011", "ORP-012", "ORP-013"];
const OVER_RETENTION: &str = "SNP-007";
const TRIM_DEBT: &str = "CAP-011";

/// The checks that find waste, among the given ones.
pub(super) fn checks(all: Vec<Check>) -> Vec<Check> {
    all.into_iter()
        .filter(|check| kind(&check.page.id).is_some())
        .collect()
}

fn kind(check: &str) -> Option<Kind> {
    match check {
        OVER_RETENTION => Some(Kind::OverRetention),
        TRIM_DEBT => Some(Kind::TrimDebt),
        check if ON_STORAGE.contains(&check) || IN_KUBERNETES.contains(&check) => {
            Some(Kind::Orphan)
        }
        _ => None,
    }
}

/// Waste that nobody accepted, each space once.
pub(super) fn waste(analysis: &Analysis, read: &Read) -> Vec<Waste> {
    let places = Places::of(analysis, read);
    let all = analysis
        .open_findings()
        .filter_map(|finding| places.waste(finding));
    distinct(all.collect())
}

/// Checks that could not look, in words.
pub(super) fn blind(analysis: &Analysis) -> Vec<String> {
    let reason = |state: &State| match state {
        State::NotEvaluated(reason) => Some(reason.clone()),
        _ => None,
    };
    let results = analysis.results.iter();
    results
        .filter_map(|result| Some(format!("{}: {}", result.check_id, reason(&result.state)?)))
        .collect()
}

/// Where the objects of findings are.
struct Places<'r> {
    read: &'r Read,
    used: BTreeMap<(String, String), i64>,
    pool_of: BTreeMap<(String, String), usize>,
    by_name: BTreeMap<(&'r str, &'r str), usize>,
    by_claim: BTreeMap<(&'r str, &'r str, &'r str), usize>,
    by_dataset: BTreeMap<(&'r str, &'r str), usize>,
}

impl<'r> Places<'r> {
    fn of(analysis: &Analysis, read: &'r Read) -> Self {
        let objects = || read.objects.iter().enumerate();
        let by_claim = objects().filter_map(|(index, object)| {
            let key = (
                &*object.cluster,
                object.namespace.as_deref()?,
                object.claim.as_deref()?,
            );
            Some((key, index))
        });
        let by_dataset = objects().filter_map(|(index, object)| {
            let (appliance, path) = object.dataset.as_ref()?;
            Some(((&**appliance, &**path), index))
        });
        let rows = Rows::of(&analysis.estate, "zfs_dataset");
        let pool_of = rows.indexes().filter_map(|row| {
            let (appliance, path) = (rows.text("appliance", row)?, rows.text("path", row)?);
            let pool = rows.text("pool", row)?;
            let is_ours =
                |(index, of): (usize, &String)| *of == appliance && read.pools[index].name == pool;
            let index = read.appliances.iter().enumerate().position(is_ours)?;
            Some(((appliance.to_owned(), path.to_owned()), index))
        });
        Self {
            read,
            used: used_bytes(&analysis.estate),
            pool_of: pool_of.collect(),
            by_name: objects()
                .map(|(index, object)| ((&*object.cluster, &*object.name), index))
                .collect(),
            by_claim: by_claim.collect(),
            by_dataset: by_dataset.collect(),
        }
    }

    fn waste(&self, finding: &Finding) -> Option<Waste> {
        let kind = kind(&finding.check_id)?;
        let text = |name: &str| value(finding, name).and_then(Value::as_text);
        let (subject, cluster) = (&*finding.subject, text("cluster").unwrap_or(&finding.scope));
        let volume = match finding.subject_table.as_str() {
            "k8s_pv" => self.by_name.get(&(cluster, subject)),
            "k8s_pvc" => {
                let claim = subject.split_once('/');
                claim.and_then(|(of, name)| self.by_claim.get(&(cluster, of, name)))
            }
            _ => None,
        };
        let named = text("dataset").or_else(|| text("disk_path"));
        let named =
            named.or_else(|| Some(subject).filter(|_| finding.subject_table == "zfs_dataset"));
        let appliance = text("appliance").unwrap_or(&finding.scope);
        let dataset = match (volume, named) {
            (Some(volume), _) => self.read.objects[*volume].dataset.clone(),
            (None, Some(path)) => Some((appliance.to_owned(), path.to_owned())),
            (None, None) => None,
        };
        let held_by = dataset
            .as_ref()
            .and_then(|(appliance, path)| self.by_dataset.get(&(&**appliance, &**path)));
        if ON_STORAGE.contains(&&*finding.check_id) && held_by.is_some() {
            // Something is wrong with it, but a volume holds it.
            return None;
        }
        let least = value(finding, "least_bytes").and_then(Value::as_integer);
        let bytes = match kind {
            Kind::Orphan => dataset
                .as_ref()
                .and_then(|dataset| self.used.get(dataset))
                .copied(),
            Kind::OverRetention => finding.bytes.or(least),
            Kind::TrimDebt => finding.bytes,
        };
        Some(Waste {
            kind,
            grade: finding.grade,
            check: finding.check_id.clone(),
            subject: finding.subject.clone(),
            pool: dataset
                .as_ref()
                .and_then(|dataset| self.pool_of.get(dataset))
                .copied(),
            class: volume
                .or(held_by)
                .and_then(|index| self.read.volumes[*index].class.clone()),
            dataset: dataset.map(|(_, path)| path),
            is_least: kind == Kind::OverRetention && finding.bytes.is_none(),
            bytes,
        })
    }
}

fn value<'f>(finding: &'f Finding, name: &str) -> Option<&'f Value> {
    let (_, value) = finding.evidence.iter().find(|(column, _)| column == name)?;
    Some(value)
}

/// How long the space of one pool that could come back keeps a purchase off.
pub(super) struct Deferral {
    /// Index of the pool.
    pub(super) pool: usize,
    /// How sure the space is.
    pub(super) grade: Grade,
    /// The space.
    pub(super) bytes: i64,
    /// Growth of the pool in bytes a day, and the days; or why there are none.
    pub(super) days: Result<(f64, f64), String>,
}

/// Pools with space that could come back, by grade.
pub(super) fn deferrals(
    estate: &Estate,
    history: &History,
    read: &Read,
    waste: &[Waste],
) -> Vec<Deferral> {
    let mut bytes: BTreeMap<(usize, Grade), i64> = BTreeMap::new();
    for waste in waste {
        if let (Some(pool), Some(found)) = (waste.pool, waste.bytes.filter(|bytes| *bytes > 0)) {
            let sum = bytes.entry((pool, waste.grade)).or_default();
            *sum = sum.saturating_add(found);
        }
    }
    let mut growths: BTreeMap<usize, Result<f64, String>> = BTreeMap::new();
    let deferral = |((pool, grade), bytes): ((usize, Grade), i64)| {
        let growth = growths.entry(pool).or_insert_with(|| {
            let (appliance, name) = (&read.appliances[pool], &read.pools[pool].name);
            let points = history.used_over_time(&estate.domain, appliance, name, estate.now);
            match growth(&daily(&points)) {
                None => Err("its used space was not read".to_owned()),
                Some(growth) => growth.map_err(|refusal| refusal.to_string()),
            }
        });
        let days = growth.clone().and_then(|growth| {
            let days = deferral_days(bytes, growth);
            days.map(|days| (growth, days))
                .ok_or_else(|| "no growth detected".to_owned())
        });
        Deferral {
            pool,
            grade,
            bytes,
            days,
        }
    };
    bytes.into_iter().map(deferral).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_waste_is_judged_by_the_past_of_snapshots() {
        let catalog = crate::tables::catalog();
        let views = crate::checks::built_in_views();
        let found = checks(crate::checks::built_in().unwrap());
        assert!(found.len() > 5);
        for check in found {
            let read = crate::checks::reads(&check, views, &catalog).unwrap();
            assert!(!read.contains("history_snapshot"), "{}", check.page.id);
        }
    }
}
