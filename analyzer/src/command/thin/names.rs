//! What only views can tell: which claim a dataset belongs to, what its guest uses, and which volumes have no limit.

use std::collections::{BTreeMap, BTreeSet};

use super::{Claim, Unmeasured};
use crate::analysis::{self, AnalysisError};
use crate::checks::{self, State};
use crate::history::Estate;
use crate::query::value::rows;
use crate::query::{Limits, ParamValue, Params, Session, Value};
use crate::settings::Settings;

/// The check that judges trim debt: what it may compare, this command may, and nothing else.
const TRIM_CHECK: &str = "CAP-011";
/// Its threshold for the size of a file system beside that of its zvol.
const DIFFERENCE: &str = "max_difference_percent";

const CLAIMS: &str = "\
SELECT v.appliance AS appliance, v.path AS path, v.cluster AS cluster, p.name AS pv, p.claim_namespace AS namespace,
       p.claim_name AS claim
FROM volume_join AS v
JOIN k8s_pv AS p ON p.cluster = v.cluster AND p.name = v.name
WHERE v.is_contradiction = FALSE";

/// As CAP-011 has it, with the guests that are not in debt.
const GUESTS: &str = "\
SELECT b.appliance AS appliance, b.path AS path, b.cluster AS cluster, b.volsize_bytes AS volsize_bytes,
       k.capacity_bytes AS capacity_bytes, k.used_bytes AS guest_bytes
FROM bound_volume AS b
JOIN k8s_pv AS p ON p.cluster = b.cluster AND p.name = b.name
JOIN k8s_pvc AS c ON c.cluster = p.cluster AND c.uid = p.claim_uid
JOIN k8s_kubelet_volume AS k ON k.cluster = c.cluster AND k.namespace = c.namespace AND k.claim = c.name
WHERE b.kind = 'VOLUME' AND b.volsize_bytes > 0 AND COALESCE(b.refreservation_bytes, 0) = 0
  AND p.volume_mode = 'Filesystem' AND k.used_bytes IS NOT NULL AND k.capacity_bytes IS NOT NULL";

/// As `pool_promise` counts them.
const UNLIMITED: &str = "\
SELECT d.appliance AS appliance, d.path AS path
FROM zfs_dataset AS d
JOIN dataset_owner AS o ON o.appliance = d.appliance AND o.path = d.path
WHERE d.kind = 'FILESYSTEM' AND d.refquota_bytes IS NULL AND d.quota_bytes IS NULL AND o.is_managed = TRUE
  AND o.csi_volume_name IS NOT NULL AND d.csi_snapshot_name IS NULL";

const VIEWS: [&str; 3] = ["volume_join", "bound_volume", "dataset_owner"];

/// Appliance and path of a dataset.
pub(super) type Key = (String, String);

/// What is known of datasets beside their own rows.
#[derive(Default)]
pub(super) struct Names {
    pub(super) claims: BTreeMap<Key, Vec<Claim>>,
    /// Bytes that the file system on a thin zvol uses, where it can be compared with the zvol.
    pub(super) guests: BTreeMap<Key, i64>,
    pub(super) unlimited: BTreeSet<Key>,
    pub(super) unmeasured: Vec<Unmeasured>,
}

pub(super) fn names(estate: &Estate, settings: &Settings) -> Result<Names, AnalysisError> {
    let session = analysis::session(estate, VIEWS.map(str::to_owned).into_iter().collect())?;
    let unmeasured = unmeasured(estate)?;
    let blind: BTreeSet<&str> = unmeasured
        .iter()
        .map(|unmeasured| unmeasured.cluster.as_str())
        .collect();
    Ok(Names {
        claims: claims(&session)?,
        guests: guests(&session, &blind, max_difference_percent(settings)?)?,
        unlimited: unlimited(&session)?,
        unmeasured,
    })
}

fn ask(session: &Session, sql: &str) -> Result<Vec<Vec<Value>>, AnalysisError> {
    let frame = session.run(sql, &Params::new(), &Limits::default());
    let frame = frame.map_err(|source| AnalysisError::Views { source })?;
    Ok(rows(&frame))
}

fn claims(session: &Session) -> Result<BTreeMap<Key, Vec<Claim>>, AnalysisError> {
    let mut claims: BTreeMap<Key, Vec<Claim>> = BTreeMap::new();
    for row in ask(session, CLAIMS)? {
        if let Ok(
            [
                Value::Text(appliance),
                Value::Text(path),
                Value::Text(cluster),
                Value::Text(pv),
                namespace,
                name,
            ],
        ) = <[Value; 6]>::try_from(row)
        {
            let claim = match (namespace, name) {
                (Value::Text(namespace), Value::Text(name)) => Some((namespace, name)),
                _ => None,
            };
            let of = claims.entry((appliance, path)).or_default();
            of.push(Claim { cluster, pv, claim });
        }
    }
    for of in claims.values_mut() {
        of.sort();
        of.dedup();
    }
    Ok(claims)
}

/// A zvol that two claims lead to has the debt of the guest that uses more.
fn guests(
    session: &Session,
    blind: &BTreeSet<&str>,
    max_difference_percent: i64,
) -> Result<BTreeMap<Key, i64>, AnalysisError> {
    let mut guests = BTreeMap::new();
    for row in ask(session, GUESTS)? {
        let Ok(
            [
                Value::Text(appliance),
                Value::Text(path),
                Value::Text(cluster),
                Value::Integer(volsize),
                Value::Integer(capacity),
                Value::Integer(guest),
            ],
        ) = <[Value; 6]>::try_from(row)
        else {
            continue;
        };
        let is_same = is_within(capacity, volsize, max_difference_percent);
        if is_same && !blind.contains(cluster.as_str()) {
            let of = guests.entry((appliance, path)).or_insert(guest);
            *of = guest.max(*of);
        }
    }
    Ok(guests)
}

/// Whether a file system is as large as its zvol, up to so many percent.
fn is_within(capacity_bytes: i64, volsize_bytes: i64, percent: i64) -> bool {
    let (capacity, volsize) = (i128::from(capacity_bytes), i128::from(volsize_bytes));
    let percent = i128::from(percent);
    capacity * 100 >= volsize * (100 - percent) && capacity * 100 <= volsize * (100 + percent)
}

fn unlimited(session: &Session) -> Result<BTreeSet<Key>, AnalysisError> {
    let key = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
        Ok([Value::Text(appliance), Value::Text(path)]) => Some((appliance, path)),
        _ => None,
    };
    Ok(ask(session, UNLIMITED)?
        .into_iter()
        .filter_map(key)
        .collect())
}

/// Clusters in which the check of trim debt would say nothing.
fn unmeasured(estate: &Estate) -> Result<Vec<Unmeasured>, AnalysisError> {
    let checks = checks::built_in().map_err(AnalysisError::Page)?;
    let Some(check) = checks.iter().find(|check| check.page.id == TRIM_CHECK) else {
        return Ok(Vec::new());
    };
    let completeness = analysis::completeness(estate);
    let clusters = completeness.scopes(check.page.scope).into_iter();
    let unmeasured = clusters.filter_map(|cluster| {
        let (reason, is_hole) = match completeness.obstacle(&check.page, &cluster)? {
            State::NotEvaluated(reason) => (reason, true),
            State::NotApplicable(reason) => (reason, false),
            State::Fail | State::Pass => return None,
        };
        Some(Unmeasured {
            cluster,
            reason,
            is_hole,
        })
    });
    Ok(unmeasured.collect())
}

/// The threshold in force for every object.
fn max_difference_percent(settings: &Settings) -> Result<i64, AnalysisError> {
    let checks = checks::built_in().map_err(AnalysisError::Page)?;
    let check = checks.iter().find(|check| check.page.id == TRIM_CHECK);
    let default = check.and_then(|check| check.page.thresholds.get(DIFFERENCE));
    let set = settings.thresholds.get(TRIM_CHECK);
    let set = set.and_then(|values| values.get(DIFFERENCE));
    Ok(match set.or(default.map(|threshold| &threshold.default)) {
        Some(ParamValue::Integer(percent)) => *percent,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_of_another_size_is_not_the_one_on_the_zvol() {
        assert!(is_within(90, 100, 10) && is_within(110, 100, 10));
        assert!(!is_within(89, 100, 10) && !is_within(111, 100, 10));
        assert!(is_within(i64::MAX, i64::MAX, 0));
    }

    #[test]
    fn the_threshold_is_that_of_the_check_unless_a_site_sets_it() {
        let mut settings = Settings::default();
        assert_eq!(max_difference_percent(&settings).unwrap(), 10);
        let values = [(DIFFERENCE.to_owned(), ParamValue::Integer(5))];
        settings
            .thresholds
            .insert(TRIM_CHECK.to_owned(), values.into());
        assert_eq!(max_difference_percent(&settings).unwrap(), 5);
    }
}
