//! What a run is told beside its bundles: thresholds, declarations and limits, already checked.

use std::collections::BTreeMap;

use polars::prelude::{PolarsResult, df};
use sha2::{Digest as _, Sha256};

use crate::checks::{Overrides, Place};
use crate::history::Estate;
use crate::query::Limits;

/// Settings of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Thresholds that differ from the default, for every object.
    pub thresholds: Overrides,
    /// Thresholds of the objects in one place; a class counts more than a pool.
    pub placed: BTreeMap<Place, Overrides>,
    /// Which clusters provision below a parent dataset, beside what the bundles declare.
    pub parents: Vec<Parent>,
    /// Hosts that use volumes and are no nodes.
    pub known_consumers: Vec<String>,
    /// Bounds of each statement of a check.
    pub limits: Limits,
}

/// A parent dataset of CSI volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Path of the dataset.
    pub dataset: String,
    /// Clusters that provision below it.
    pub clusters: Vec<String>,
    /// Whether no other cluster does.
    pub is_complete: bool,
}

impl Settings {
    /// Adds what is declared to the tables of an estate.
    ///
    /// # Errors
    /// Polars refuses a column; a defect.
    pub fn declare(&self, estate: &mut Estate) -> PolarsResult<()> {
        let rows = || {
            let parents = self.parents.iter();
            parents.flat_map(|parent| parent.clusters.iter().map(move |cluster| (parent, cluster)))
        };
        let declared = df!(
            "parent" => rows().map(|(parent, _)| parent.dataset.clone()).collect::<Vec<_>>(),
            "cluster" => rows().map(|(_, cluster)| cluster.clone()).collect::<Vec<_>>(),
            "is_complete" => rows().map(|(parent, _)| parent.is_complete).collect::<Vec<_>>(),
        )?;
        if declared.height() > 0 {
            let scope = estate.frames.entry("collect_scope".to_owned()).or_default();
            if scope.width() == 0 {
                *scope = declared;
            } else {
                scope.vstack_mut(&declared)?;
            }
        }
        if !self.known_consumers.is_empty() {
            let consumers = df!("name" => self.known_consumers.clone())?;
            estate.frames.insert("known_consumer".to_owned(), consumers);
        }
        Ok(())
    }

    /// Digest of everything here that can change a result.
    pub fn sha256(&self) -> String {
        let text = format!("{self:?}");
        data_encoding::HEXLOWER.encode(&Sha256::digest(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::History;

    #[test]
    fn declarations_become_rows_beside_those_of_the_bundles() {
        let settings = Settings {
            parents: vec![Parent {
                dataset: "tank/k8s".to_owned(),
                clusters: vec!["a".to_owned(), "b".to_owned()],
                is_complete: true,
            }],
            known_consumers: vec!["10.0.0.5".to_owned()],
            ..Settings::default()
        };
        let mut estate = Estate::at(&History::in_memory(), "d", None).unwrap();
        settings.declare(&mut estate).unwrap();
        settings.declare(&mut estate).unwrap();
        assert_eq!(estate.frames["collect_scope"].height(), 4);
        assert_eq!(estate.frames["known_consumer"].height(), 1);
    }

    #[test]
    fn every_setting_changes_the_digest() {
        let mut other = Settings::default();
        assert_eq!(other.sha256(), Settings::default().sha256());
        other.known_consumers.push("x".to_owned());
        assert_ne!(other.sha256(), Settings::default().sha256());
    }
}
