//! What thin volumes promise, what they hold, what nothing stands behind, and what is saved by it. Numbers in, numbers out.
//!
//! Three factors stay apart, as nobody can tell from their product which of them will hold: allocation is
//! `usedbydataset / promise`, reduction is logical bytes over charged bytes, and the total is `promise / usedbydataset`.
//! Bytes are those that ZFS charges to the dataset: after compression and parity. The views `promise`, `pool_promise` and
//! `block_charge` have the same figures for checks, and tests hold the two together. The views count in floating point: the
//! worst case of a zvol of up to 4 PiB may differ there by one byte.

mod charge;
mod pool;
#[cfg(test)]
mod tests;
mod trim;

pub use charge::{Charge, Layout, Vdev, worst_bytes, worst_charge};
pub use pool::{Overview, Pool, Space, Sums, overview};
pub use trim::{Debt, debt, live_logical_bytes};

/// A zvol or a limited file system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// `volsize`, `refquota` or `quota`.
    pub promised_bytes: i64,
    /// What it takes when all of it is written; of a file system its promise.
    pub worst_bytes: i64,
    /// Whether the layout below it is known; where it is not, a block counts as its own size.
    pub is_layout_known: bool,
    /// `usedbydataset`.
    pub live_bytes: Option<i64>,
    /// `usedbysnapshots`.
    pub snapshot_bytes: Option<i64>,
    /// `usedbyrefreservation`: what a reservation holds beside the live data.
    pub reserved_bytes: Option<i64>,
    /// `refreservation`; 0 for a thin volume.
    pub reservation_bytes: i64,
    /// The live data before compression; absent where the version does not tell.
    pub logical_bytes: Option<i64>,
}

/// Two amounts side by side; who prints them decides which way they are rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// Numerator.
    pub part: i64,
    /// Denominator; with 0 there is no ratio.
    pub whole: i64,
}

/// Bytes of promises that the pool does not have to hold, by what keeps them away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// Nobody wrote them.
    pub unwritten_bytes: i64,
    /// Compressed away.
    pub reduced_bytes: i64,
    /// One of both: the version does not tell the logical size.
    pub unsplit_bytes: i64,
}

impl Ratio {
    /// The two amounts.
    pub fn new(part: i64, whole: i64) -> Self {
        Self { part, whole }
    }

    /// By size; an amount beside nothing is above everything.
    pub(crate) fn order(self, other: Self) -> std::cmp::Ordering {
        let fraction = |ratio: Self| match (ratio.whole > 0, ratio.part > 0) {
            (true, _) => (i128::from(ratio.part), i128::from(ratio.whole)),
            (false, true) => (1, 0),
            (false, false) => (0, 1),
        };
        let (ours, theirs) = (fraction(self), fraction(other));
        (ours.0 * theirs.1).cmp(&(theirs.0 * ours.1))
    }
}

impl Saved {
    /// All of it.
    pub fn bytes(self) -> i64 {
        self.unwritten_bytes
            .saturating_add(self.reduced_bytes)
            .saturating_add(self.unsplit_bytes)
    }

    /// What two volumes save.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            unwritten_bytes: self.unwritten_bytes.saturating_add(other.unwritten_bytes),
            reduced_bytes: self.reduced_bytes.saturating_add(other.reduced_bytes),
            unsplit_bytes: self.unsplit_bytes.saturating_add(other.unsplit_bytes),
        }
    }
}

impl Volume {
    /// Live data and its own reservation: what the pool holds for it, without snapshots.
    pub fn held_bytes(&self) -> Option<i64> {
        Some(self.live_bytes?.saturating_add(self.reserved_bytes?))
    }

    /// What it may still write without anything standing behind it. The free space of the pool is already less by every
    /// reservation: a thick volume gives 0.
    pub fn unbacked_bytes(&self) -> Option<i64> {
        Some(self.worst_bytes.saturating_sub(self.held_bytes()?).max(0))
    }

    /// Live data over promise.
    pub fn allocation(&self) -> Option<Ratio> {
        Some(Ratio::new(self.live_bytes?, self.promised_bytes))
    }

    /// Share of the promise that is not allocated.
    pub fn efficiency(&self) -> Option<Ratio> {
        let free = self.promised_bytes.saturating_sub(self.live_bytes?);
        Some(Ratio::new(free, self.promised_bytes))
    }

    /// Logical bytes over charged bytes; below one where small blocks cost more on RAIDZ than compression saves.
    pub fn reduction(&self) -> Option<Ratio> {
        let ratio = Ratio::new(self.logical_bytes?, self.live_bytes?);
        (ratio.whole > 0).then_some(ratio)
    }

    /// Promise over live data.
    pub fn total(&self) -> Option<Ratio> {
        let ratio = Ratio::new(self.promised_bytes, self.live_bytes?);
        (ratio.whole > 0).then_some(ratio)
    }

    /// The promise less what is held for it. A thick volume saves nothing, however well it compresses.
    pub fn saved(&self) -> Option<Saved> {
        let saved = self
            .promised_bytes
            .saturating_sub(self.held_bytes()?)
            .max(0);
        let Some(logical) = self.logical_bytes else {
            return Some(Saved {
                unsplit_bytes: saved,
                ..Saved::default()
            });
        };
        let reduced = logical.saturating_sub(self.live_bytes?).clamp(0, saved);
        Some(Saved {
            unwritten_bytes: saved - reduced,
            reduced_bytes: reduced,
            unsplit_bytes: 0,
        })
    }

    /// Promise above the own reservation.
    pub(crate) fn unreserved_bytes(&self) -> i64 {
        self.promised_bytes
            .saturating_sub(self.reservation_bytes)
            .max(0)
    }
}

/// What a reservation keeps free beside data that a snapshot shares: `usedbyrefreservation` is `refreservation` less what
/// only the live dataset refers to, so a snapshot of a thick volume makes its data count twice. Nothing where the
/// reservation is used up, as then nobody can tell what is shared.
pub fn held_twice_bytes(reservation_bytes: i64, live_bytes: i64, reserved_bytes: i64) -> i64 {
    if reservation_bytes <= 0 || reserved_bytes <= 0 {
        return 0;
    }
    let held = live_bytes.saturating_add(reserved_bytes);
    held.saturating_sub(reservation_bytes).max(0)
}

/// Free space that the next snapshot of a thick volume takes: what only the live dataset refers to becomes shared, and the
/// reservation stands beside it whole. Nothing where the reservation is used up.
pub fn next_snapshot_bytes(reservation_bytes: i64, reserved_bytes: i64) -> Option<i64> {
    (reservation_bytes > 0 && reserved_bytes > 0)
        .then(|| reservation_bytes.saturating_sub(reserved_bytes).max(0))
}
