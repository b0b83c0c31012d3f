//! What an analyzer should say about an estate, and what it should not.

use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// One row of `truth.json`: a planted fault, or what follows from one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Mode id such as `F02`, or the id of the check that finds it.
    pub mode: String,
    /// Table of the subject.
    pub table: String,
    /// Real key of the subject in that table.
    pub subject: String,
    /// Grade that the declared scope and the bundles so far allow; any is good enough when it is absent.
    #[serde(default)]
    pub grade: String,
    /// First day whose world shows it.
    #[serde(default)]
    pub first_day: usize,
}

/// One planted fact that a perfect analyzer finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Mode id, such as `F02`.
    pub mode: String,
    /// Table of the subject.
    pub table: String,
    /// Real key of the subject in that table.
    pub subject: String,
    /// Grade that the declared scope and the bundles so far allow: `confirmed`, `probable` or `candidate`.
    pub grade: String,
    /// First day whose world shows it.
    pub first_day: usize,
    /// Last day whose world shows it; absent when it stays.
    pub last_day: Option<usize>,
    /// What was planted.
    pub fault: Fault,
}

impl Truth {
    pub(super) fn new(fault: Fault, subject: String, first_day: usize) -> Self {
        Self {
            mode: fault.id().to_owned(),
            table: fault.table().to_owned(),
            subject,
            grade: String::new(),
            first_day,
            last_day: None,
            fault,
        }
    }

    /// Whether the world of a day shows it.
    pub fn holds_on(&self, day: usize) -> bool {
        self.first_day <= day && self.last_day.is_none_or(|last_day| day <= last_day)
    }

    /// As a row of `truth.json`, with the grade that bundles up to `day` allow.
    pub(super) fn fact(&self, day: usize) -> Fact {
        let graded = self.graded(day);
        Fact {
            mode: graded.mode,
            table: graded.table,
            subject: graded.subject,
            grade: graded.grade,
            first_day: graded.first_day,
        }
    }

    /// The same fact with the grade that bundles up to `day` allow.
    pub(super) fn graded(&self, day: usize) -> Self {
        let n_bundles = (day + 1).saturating_sub(self.first_day);
        Self {
            grade: grade(self.fault, n_bundles).to_owned(),
            ..self.clone()
        }
    }
}

/// The grade after `n_bundles` bundles that show the fault.
///
/// Leftovers need absence, and absence needs time. Points: marker of the driver 2, handle absent from every declared
/// cluster with complete lists 3, no live session 2, nothing written since it was first absent 2, instance id of a known
/// cluster 1, and one for each bundle from the second on (at most 3). The sum passes 9 in the first bundle already, but a
/// leftover must be seen in two bundles and be older than the grace age before it may be called more than a candidate;
/// with three bundles (2 + 3 + 3 + 2 + 2 + 1 = 13) nothing is left to doubt. The worlds declare every CSI parent, so no
/// cap applies. All other modes are states read from two complete lists of one bundle; time adds nothing to them.
fn grade(fault: Fault, n_bundles: usize) -> &'static str {
    match (fault, n_bundles) {
        (Fault::LeftoverVolume | Fault::SkippedDelete | Fault::HalfProvisioned, 0 | 1) => {
            "candidate"
        }
        (Fault::LeftoverVolume | Fault::SkippedDelete | Fault::HalfProvisioned, 2) => "probable",
        _ => "confirmed",
    }
}

/// One innocent object that looks guilty; a `confirmed` finding about it is a false one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Why it is innocent.
    pub reason: &'static str,
    /// Table of the object.
    pub table: &'static str,
    /// Real key of the object in that table.
    pub subject: String,
    /// First day whose world holds it.
    pub first_day: usize,
    /// Last day whose world holds it in this state.
    pub last_day: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leftover_is_confirmed_by_its_third_bundle() {
        let truth = Truth::new(Fault::LeftoverVolume, "tank/a".to_owned(), 1);
        let grades: Vec<String> = (1..5).map(|day| truth.graded(day).grade).collect();
        assert_eq!(grades, ["candidate", "probable", "confirmed", "confirmed"]);
    }
}
