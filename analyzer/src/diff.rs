//! Two estates side by side: objects, findings, and where the space went. Pure: two analyses in, a value out.

pub mod bridge;
pub mod finding;
pub mod object;

use crate::analysis::Analysis;

pub use bridge::{Bridge, Step};
pub use finding::{FindingChange, FindingDiff};
pub use object::{ObjectChange, ObjectDiff};

/// What differs between two estates.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// Objects, by table and key.
    pub objects: Vec<ObjectDiff>,
    /// Findings, worst first.
    pub findings: Vec<FindingDiff>,
    /// Used space of each pool that both have.
    pub bridges: Vec<Bridge>,
}

/// Compares an estate with an earlier one.
pub fn diff(before: &Analysis, after: &Analysis) -> Diff {
    Diff {
        objects: object::objects(&before.estate, &after.estate),
        findings: finding::findings(before, after),
        bridges: bridge::bridges(&before.estate, &after.estate),
    }
}
