//! What else a perfect analyzer says about an estate: what follows from a planted fault, and customs against advice.

use super::innocent::{MANUAL_CLAIM, MANUAL_DATASET};
use super::names::MEDIA_NAMESPACE;
use super::plan::Estate;
use super::truth::Fact;
use super::volume::Protocol;

/// One fact that is found beside the planted ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corollary {
    /// Check that finds it.
    pub check: &'static str,
    /// Table of the subject.
    pub table: &'static str,
    /// Real key of the subject in that table.
    pub subject: String,
    /// First day whose world shows it.
    pub first_day: usize,
}

impl Corollary {
    /// As a row of `truth.json`.
    pub(super) fn fact(&self) -> Fact {
        Fact {
            mode: self.check.to_owned(),
            table: self.table.to_owned(),
            subject: self.subject.clone(),
            grade: "confirmed".to_owned(),
            first_day: self.first_day,
        }
    }
}

/// Block volumes on a pool with parity; a fact of the days on which they are most of what it holds.
pub(super) const BLOCK_POOL: &str = "BPR-007";

/// Adds the customs: what nearly every estate does against advice.
pub(super) fn add_customs(estate: &mut Estate) {
    estate.add_corollary(BLOCK_POOL, "nas_pool", "tank".to_owned(), 0);
    let media = MANUAL_DATASET
        .rsplit_once('/')
        .map_or(MANUAL_DATASET, |(parent, _)| parent);
    estate.add_corollary("BPR-009", "zfs_dataset", media.to_owned(), 0);
    let claim = format!("{MEDIA_NAMESPACE}/{MANUAL_CLAIM}");
    estate.add_corollary("SNP-011", "k8s_pvc", claim, 0);
    for protocol in Protocol::ALL {
        estate.add_corollary("BPR-009", "zfs_dataset", protocol.parent(), 0);
        if estate.schedule.keep(protocol) > 0 {
            estate.add_corollary("SNP-010", "zfs_dataset", protocol.parent(), 0);
        }
    }
}
