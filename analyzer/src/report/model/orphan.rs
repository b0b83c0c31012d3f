//! Objects that one side knows and the other does not.

use serde::{Deserialize, Serialize};

use super::{Grade, Moment, Name, Prose};
use crate::report::number::Number;

/// Both directions, and what the conclusion rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orphans {
    /// Clusters and appliances whose lists were complete.
    pub basis: Vec<Name>,
    /// What was not collected and could know the objects; each caps a grade.
    pub limits: Vec<Prose>,
    /// Storage objects that were looked at.
    pub n_storage_checked: i64,
    /// On storage, not in Kubernetes.
    pub on_storage: Vec<Orphan>,
    /// Kubernetes objects that were looked at.
    pub n_kubernetes_checked: i64,
    /// In Kubernetes, not on storage.
    pub in_kubernetes: Vec<Orphan>,
    /// Confirmed reclaimable on storage; never a sum with weaker grades.
    pub confirmed: Option<Number>,
    /// Probable.
    pub probable: Option<Number>,
    /// Candidates.
    pub candidate: Option<Number>,
}

impl Orphans {
    pub(super) fn sort(&mut self) {
        self.basis.sort();
        self.on_storage
            .sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.in_kubernetes
            .sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    }
}

/// One object without a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orphan {
    /// How sure.
    pub grade: Grade,
    /// The object.
    pub subject: Name,
    /// `ORP-001`.
    pub check: String,
    /// Space it holds, rounded down: what comes back if it goes.
    pub bytes: Number,
    /// When the partner was first missing.
    pub first_absent: Option<Moment>,
    /// Live sessions or clients.
    pub sessions: Number,
    /// Clones and snapshots that depend on it.
    pub dependants: Number,
    /// Why the grade is not better, or what is special.
    pub note: Prose,
    /// Fingerprint of the finding.
    pub finding: String,
}

impl Orphan {
    fn sort_key(&self) -> impl Ord + '_ {
        (
            self.grade,
            std::cmp::Reverse(self.bytes.raw),
            &self.check,
            &self.finding,
        )
    }
}

/// A restore point that cannot restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotWithoutBacking {
    /// How sure.
    pub grade: Grade,
    /// The VolumeSnapshotContent.
    pub content: Name,
    /// The VolumeSnapshot, when one refers to it.
    pub snapshot: Option<Name>,
    /// The claim it was taken of.
    pub claim: Option<Name>,
    /// What storage should have.
    pub handle: Name,
    /// When it was taken.
    pub taken: Option<Moment>,
    /// Fingerprint of the finding.
    pub finding: String,
}

impl SnapshotWithoutBacking {
    pub(super) fn sort_key(&self) -> impl Ord + '_ {
        (self.grade, &self.content, &self.finding)
    }
}
