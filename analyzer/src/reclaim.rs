//! What deleting snapshots of a dataset frees, from `referenced` and `written`; never from a sum of `used`.
//!
//! Let `s_1..s_n` be the snapshots from old to new, `s_{n+1}` the head, and `u[i,j]` the bytes that exactly `s_i..s_j` refer
//! to. Then `used(s_k) = u[k,k]`, `referenced(s_k)` is the sum of `u[i,j]` with `i <= k <= j`, `written(s_k)` that of `u[k,j]`,
//! and `usedbysnapshots` that of all with `j <= n`. Bytes are those that ZFS charges to the dataset: after compression and
//! parity. Where blocks are deduplicated or cloned the pool may free less. Nothing here reads or deletes anything.

mod churn;
mod identity;
mod search;
#[cfg(test)]
mod tests;

pub use churn::{Churn, Written};
pub use identity::{Break, Rule};
pub use search::{Goal, smallest_cut};

/// One snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Text after `@`.
    pub name: String,
    /// Transaction group of creation: the order of snapshots.
    pub created_txg: i64,
    /// Creation, Unix seconds.
    pub created_at: Option<i64>,
    /// Bytes it refers to.
    pub referenced_bytes: Option<i64>,
    /// Bytes born since the snapshot before it.
    pub written_bytes: Option<i64>,
    /// Bytes that only it refers to.
    pub used_bytes: Option<i64>,
    /// Holds; absent where the version does not tell.
    pub n_holds: Option<i64>,
    /// Datasets that are clones of it.
    pub clones: Vec<String>,
}

impl Snapshot {
    /// Whether ZFS refuses to destroy it: a hold, or a clone.
    pub fn is_kept(&self) -> bool {
        self.n_holds.is_some_and(|n_holds| n_holds > 0) || !self.clones.is_empty()
    }
}

/// The live dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `referenced`.
    pub referenced_bytes: Option<i64>,
    /// `written`: born since the newest snapshot.
    pub written_bytes: Option<i64>,
    /// `usedbysnapshots`.
    pub used_by_snapshots_bytes: Option<i64>,
    /// Whether the dataset is a clone: the predecessor of its first snapshot is the origin, and what was born in the origin
    /// is never freed here.
    pub is_clone: bool,
}

/// What a deletion frees: exactly, or between two bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freed {
    /// Never more than what is freed.
    pub least_bytes: i64,
    /// Never less than what is freed.
    pub most_bytes: i64,
}

impl Freed {
    /// Whether both bounds are the same.
    pub fn is_exact(self) -> bool {
        self.least_bytes == self.most_bytes
    }

    /// What two independent deletions free.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            least_bytes: self.least_bytes.saturating_add(other.least_bytes),
            most_bytes: self.most_bytes.saturating_add(other.most_bytes),
        }
    }
}

/// The oldest snapshots of a dataset, less those that cannot be destroyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Snapshots in the cut.
    pub n_older: usize,
    /// Those among them that holds or clones keep.
    pub n_kept: usize,
    /// What deleting the others frees.
    pub freed: Freed,
}

/// The snapshots of one dataset, in order, with their identities asserted.
#[derive(Clone, Debug)]
pub struct Timeline {
    snapshots: Vec<Snapshot>,
    head: Head,
    /// Checked values; there only when nothing is broken.
    sums: Option<Sums>,
    breaks: Vec<Break>,
    /// Creation, never before that of an older snapshot.
    created_at: Vec<i64>,
}

/// Values of which every identity holds.
#[derive(Clone, Debug, Default)]
struct Sums {
    /// `referenced` of `s_1..s_{n+1}`; without the head when that is not known.
    referenced: Vec<i128>,
    /// `written` of the same.
    written: Vec<i128>,
    /// `used` of the snapshots; 0 where not known, as a bound.
    used: Vec<i128>,
    /// `F_1..F_n`.
    freed: Vec<i128>,
    /// `usedbysnapshots`.
    held: Option<i128>,
}

impl Timeline {
    /// Sorts the snapshots by transaction group and asserts the identities on them.
    pub fn new(mut snapshots: Vec<Snapshot>, head: Head) -> Self {
        snapshots.sort_by(|a, b| (a.created_txg, &a.name).cmp(&(b.created_txg, &b.name)));
        let (sums, breaks) = identity::assert(&snapshots, head);
        let created_at = ascending(&snapshots);
        Self {
            sums: breaks.is_empty().then_some(sums),
            snapshots,
            head,
            breaks,
            created_at,
        }
    }

    /// Snapshots, oldest first.
    pub fn snapshots(&self) -> &[Snapshot] {
        &self.snapshots
    }

    /// The live dataset.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Identities that do not hold. With one of them the figures were read while they changed, and nothing is computed.
    pub fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// Snapshots that were created before a time: always the oldest ones. One without a time is as young as its successor.
    pub fn n_before(&self, unix_secs: i64) -> usize {
        self.created_at.partition_point(|at| *at < unix_secs)
    }

    /// `F_k = referenced(s_k) - referenced(s_{k+1}) + written(s_{k+1})` by index from 0: bytes whose last reference is this
    /// snapshot, which is the deadlist of its successor. That of the newest is the rest of `usedbysnapshots` where the head
    /// is not known.
    pub fn last_reference_bytes(&self, index: usize) -> Option<i64> {
        self.sums.as_ref()?.freed.get(index).map(|f| clamped(*f))
    }

    /// Bytes freed by the oldest `n`, exactly: `F_1 + .. + F_n`. Nothing is known of a clone this way, but for all its
    /// snapshots: what was born in the origin has its last reference here and is not freed.
    pub fn freed_by_oldest(&self, n: usize) -> Option<i64> {
        let sums = self.sums.as_ref()?;
        match (self.head.is_clone, n) {
            (_, 0) => Some(0),
            (true, n) if n == self.snapshots.len() => sums.held.map(clamped),
            (true, _) => None,
            (false, n) => sums.freed.get(..n).map(|freed| clamped(freed.iter().sum())),
        }
    }

    /// Bytes freed by the run of snapshots `first..=last`, exactly, given `written@s_{first-1}` of the snapshot behind the
    /// run, or of the head: `written(s_first) + .. + written(s_{last+1}) - written@s_{first-1}(s_{last+1})`.
    /// For a clone `s_0` is the origin.
    pub fn freed_by_run(&self, first: usize, last: usize, written_since: i64) -> Option<i64> {
        let sums = self.sums.as_ref()?;
        let has_before = first > 0 || self.head.is_clone;
        let written = sums.written.get(first..=last.checked_add(1)?)?;
        has_before.then(|| clamped(written.iter().sum::<i128>() - i128::from(written_since)))
    }

    /// Bounds of what an arbitrary set frees, `is_deleted` by index: the sum over its runs of consecutive snapshots. A run
    /// that starts with the oldest snapshot and a run of one snapshot are exact.
    ///
    /// Never less than `sum(used)`, never more than the least of `sum(written)`, `sum(F)` and `usedbysnapshots` less the
    /// `used` of those that stay. What a run of several snapshots shares lies between the same sums without the diagonal.
    pub fn freed_by(&self, is_deleted: impl Fn(usize) -> bool) -> Option<Freed> {
        let sums = self.sums.as_ref()?;
        let n = self.snapshots.len();
        let (mut least, mut most, mut first) = (0, 0, 0);
        while first < n {
            if !is_deleted(first) {
                first += 1;
                continue;
            }
            let mut last = first;
            while last + 1 < n && is_deleted(last + 1) {
                last += 1;
            }
            let (low, high) = self.bounds(sums, first, last);
            (least, most) = (least + low, most + high);
            first = last + 1;
        }
        let staying: i128 = (0..n)
            .filter(|index| !is_deleted(*index))
            .map(|index| sums.used[index])
            .sum();
        let most = sums.held.map_or(most, |held| most.min(held - staying));
        // A slack of the reads between the two lists must not turn the bounds round.
        Some(Freed {
            least_bytes: clamped(least),
            most_bytes: clamped(most.max(least)),
        })
    }

    fn bounds(&self, sums: &Sums, first: usize, last: usize) -> (i128, i128) {
        let run = first..=last;
        let freed: i128 = sums.freed[run.clone()].iter().sum();
        if !self.head.is_clone && first == 0 {
            return (freed, freed);
        }
        let is_all = first == 0 && last + 1 == self.snapshots.len();
        if let (true, Some(held)) = (is_all, sums.held) {
            return (held, held);
        }
        let used: i128 = sums.used[run.clone()].iter().sum();
        let written: i128 = sums.written[run].iter().sum();
        // All that the run shares is born in it before its last one, and dies in it behind its first one.
        let mut most = written.min(freed);
        if self.snapshots[first].used_bytes.is_some() {
            most = most.min(freed - sums.freed[first] + sums.used[first]);
        }
        if self.snapshots[last].used_bytes.is_some() {
            most = most.min(written - sums.written[last] + sums.used[last]);
        }
        // `written@` of the snapshot behind the run is at most all that this refers to.
        let behind = sums
            .written
            .get(last + 1)
            .zip(sums.referenced.get(last + 1));
        let least = behind.map_or(used, |(w, r)| used.max(written + w - r));
        (least, most)
    }

    /// What goes with the oldest `n` when those that cannot be destroyed stay.
    pub fn cut(&self, n: usize) -> Option<Cut> {
        let n = n.min(self.snapshots.len());
        let is_kept = |index: usize| self.snapshots[index].is_kept();
        Some(Cut {
            n_older: n,
            n_kept: (0..n).filter(|index| is_kept(*index)).count(),
            freed: self.freed_by(|index| index < n && !is_kept(index))?,
        })
    }
}

fn clamped(bytes: i128) -> i64 {
    i64::try_from(bytes).unwrap_or(if bytes < 0 { i64::MIN } else { i64::MAX })
}

/// Times of creation that never go back along the order of snapshots: a clock that was set back makes none look older.
fn ascending(snapshots: &[Snapshot]) -> Vec<i64> {
    let mut times: Vec<i64> = Vec::with_capacity(snapshots.len());
    let mut next = i64::MAX;
    for snapshot in snapshots.iter().rev() {
        next = snapshot.created_at.unwrap_or(next);
        times.push(next);
    }
    times.reverse();
    for index in 1..times.len() {
        times[index] = times[index].max(times[index - 1]);
    }
    times
}
