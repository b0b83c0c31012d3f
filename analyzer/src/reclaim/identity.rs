//! The identities of a dataset's snapshots, asserted before anything is computed from them.

use super::{Head, Snapshot, Sums, clamped};

/// What the head and the list of snapshots may differ by: both are read within seconds, and pending writes shift values.
const SLACK_BYTES: i128 = 1 << 20;

/// One identity that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The snapshot; absent when the dataset as a whole breaks it.
    pub snapshot: Option<usize>,
    /// What does not hold.
    pub rule: Rule,
}

/// An identity or a bound that every dataset at rest obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// No two snapshots of one transaction group: they have no order.
    Order,
    /// `referenced` and `written` are there.
    Present,
    /// The head is there, or `usedbysnapshots`.
    HeadPresent,
    /// No figure is below zero.
    Sign,
    /// `written <= referenced`.
    WrittenOfReferenced,
    /// `used <= written`, and `used <= F`.
    UsedOfShared,
    /// `0 <= F <= referenced`.
    LastReference,
    /// The first snapshot of what is no clone has `written = referenced`.
    FirstWritten,
    /// `usedbysnapshots = F_1 + .. + F_n`; at most that for a clone.
    Sum {
        /// `usedbysnapshots`.
        held_bytes: i64,
        /// `F_1 + .. + F_n`.
        freed_bytes: i64,
    },
}

impl Rule {
    /// What was found in place of it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Order => "another snapshot has the same transaction group",
            Self::Present => "referenced or written was not read",
            Self::HeadPresent => "neither the head nor usedbysnapshots was read",
            Self::Sign => "a figure is below zero",
            Self::WrittenOfReferenced => "written is above referenced",
            Self::UsedOfShared => "used is above what the neighbours leave to it",
            Self::LastReference => "referenced and written of the next one do not fit",
            Self::FirstWritten => "written of the first snapshot is not its referenced",
            Self::Sum { .. } => "usedbysnapshots is not the sum of the parts",
        }
    }
}

/// The values, and every identity that does not hold on them; with one the values mean nothing.
pub(super) fn assert(snapshots: &[Snapshot], head: Head) -> (Sums, Vec<Break>) {
    let mut breaks = Vec::new();
    let mut sums = Sums::default();
    for (index, snapshot) in snapshots.iter().enumerate() {
        let mut broken = |rule| {
            breaks.push(Break {
                snapshot: Some(index),
                rule,
            });
        };
        let before = index.checked_sub(1).map(|before| &snapshots[before]);
        if before.is_some_and(|before| before.created_txg == snapshot.created_txg) {
            broken(Rule::Order);
        }
        let (referenced, written) = (snapshot.referenced_bytes, snapshot.written_bytes);
        if referenced.is_none() || written.is_none() {
            broken(Rule::Present);
        }
        let figures = [referenced, written, snapshot.used_bytes];
        if figures.into_iter().flatten().any(|bytes| bytes < 0) {
            broken(Rule::Sign);
        }
        let [referenced, written, used] = figures.map(|bytes| i128::from(bytes.unwrap_or(0)));
        if written > referenced {
            broken(Rule::WrittenOfReferenced);
        }
        let is_first = index == 0 && !head.is_clone;
        if is_first && referenced - written > SLACK_BYTES {
            broken(Rule::FirstWritten);
        }
        sums.referenced.push(referenced);
        sums.written.push(written);
        sums.used.push(used);
    }
    if !snapshots.is_empty() && breaks.is_empty() {
        last_references(&mut sums, head, &mut breaks);
    }
    (sums, breaks)
}

/// Adds the head and `F_1..F_n`, and asserts what they must be.
fn last_references(sums: &mut Sums, head: Head, breaks: &mut Vec<Break>) {
    let n = sums.referenced.len();
    sums.held = head.used_by_snapshots_bytes.map(i128::from);
    if let (Some(referenced), Some(written)) = (head.referenced_bytes, head.written_bytes) {
        sums.referenced.push(referenced.into());
        sums.written.push(written.into());
    }
    for next in 1..sums.referenced.len() {
        let freed = sums.referenced[next - 1] - sums.referenced[next] + sums.written[next];
        sums.freed.push(freed);
    }
    let of_dataset = |rule| Break {
        snapshot: None,
        rule,
    };
    let is_head_known = sums.freed.len() == n;
    match (is_head_known, sums.held, head.is_clone) {
        (false, Some(held), false) => {
            let older: i128 = sums.freed.iter().sum();
            sums.freed.push(held - older);
        }
        (false, ..) => return breaks.push(of_dataset(Rule::HeadPresent)),
        (true, ..) => {}
    }
    for (index, freed) in sums.freed.iter().copied().enumerate() {
        // Only the newest depends on the head.
        let slack = if index + 1 == n { SLACK_BYTES } else { 0 };
        let mut broken = |rule| {
            breaks.push(Break {
                snapshot: Some(index),
                rule,
            });
        };
        if freed < -slack || freed > sums.referenced[index] + slack {
            broken(Rule::LastReference);
        } else if sums.used[index] > sums.written[index].min(freed + slack) {
            broken(Rule::UsedOfShared);
        }
    }
    let freed: i128 = sums.freed.iter().sum();
    if let Some(held) = sums.held {
        let is_apart = held - freed > SLACK_BYTES || (!head.is_clone && freed - held > SLACK_BYTES);
        if held < 0 || is_apart {
            breaks.push(of_dataset(Rule::Sum {
                held_bytes: clamped(held),
                freed_bytes: clamped(freed),
            }));
        }
    }
}
