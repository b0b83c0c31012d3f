//! Sums over the volumes of one pool beside its space. Pools are never added: space cannot move between them.

use super::{Ratio, Saved, Volume};

/// Space of a pool as its root dataset reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// `used` of the root.
    pub used_bytes: i64,
    /// `available` of the root.
    pub available_bytes: i64,
}

/// The volumes of one pool together. What was not read is not in a sum, and makes it smaller than the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Volumes.
    pub n_volumes: usize,
    /// Volumes whose counters were not read.
    pub n_unread: usize,
    /// Volumes on a layout whose overhead is not known.
    pub n_unknown_layouts: usize,
    /// Promises.
    pub promised_bytes: i64,
    /// Worst cases.
    pub worst_bytes: i64,
    /// Promises above the own reservation of each.
    pub unreserved_bytes: i64,
    /// Reservations.
    pub reservation_bytes: i64,
    /// Live data.
    pub live_bytes: i64,
    /// Snapshots.
    pub snapshot_bytes: i64,
    /// What reservations hold beside live data.
    pub reserved_bytes: i64,
    /// What volumes may still write without anything standing behind it.
    pub unbacked_bytes: i64,
    /// Volumes that tell their logical size.
    pub n_reduced: usize,
    /// Logical size of those.
    pub logical_bytes: i64,
    /// Live data of the same.
    pub logical_live_bytes: i64,
    /// Savings.
    pub saved: Saved,
}

/// One pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Its space.
    pub space: Space,
    /// Its volumes.
    pub sums: Sums,
}

/// What can be said of several pools side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Index of the pool with the largest unbacked promise for its free space.
    pub riskiest: usize,
    /// Pools whose unbacked promises exceed their free space.
    pub n_short: usize,
    /// Index of the fullest pool.
    pub fullest: usize,
    /// Used over size of all pools: only to stand beside the fullest.
    pub fill_of_all: Ratio,
}

impl Space {
    /// All that a pool can ever hold, after parity and slop: the only denominator of a percentage.
    pub fn size_bytes(self) -> i64 {
        self.used_bytes.saturating_add(self.available_bytes)
    }

    /// Used over size.
    pub fn fill(self) -> Ratio {
        Ratio::new(self.used_bytes, self.size_bytes())
    }
}

impl Sums {
    /// Adds the volumes up.
    pub fn of<'v>(volumes: impl IntoIterator<Item = &'v Volume>) -> Self {
        let mut sums = Self::default();
        for volume in volumes {
            sums.add(volume);
        }
        sums
    }

    fn add(&mut self, volume: &Volume) {
        let add = |sum: &mut i64, bytes: Option<i64>| {
            *sum = sum.saturating_add(bytes.unwrap_or_default());
        };
        self.n_volumes += 1;
        self.n_unread += usize::from(volume.unbacked_bytes().is_none());
        self.n_unknown_layouts += usize::from(!volume.is_layout_known);
        add(&mut self.promised_bytes, Some(volume.promised_bytes));
        add(&mut self.worst_bytes, Some(volume.worst_bytes));
        add(&mut self.unreserved_bytes, Some(volume.unreserved_bytes()));
        add(&mut self.reservation_bytes, Some(volume.reservation_bytes));
        add(&mut self.live_bytes, volume.live_bytes);
        add(&mut self.snapshot_bytes, volume.snapshot_bytes);
        add(&mut self.reserved_bytes, volume.reserved_bytes);
        add(&mut self.unbacked_bytes, volume.unbacked_bytes());
        if let Some(reduction) = volume.reduction() {
            self.n_reduced += 1;
            add(&mut self.logical_bytes, Some(reduction.part));
            add(&mut self.logical_live_bytes, Some(reduction.whole));
        }
        self.saved = self.saved.and(volume.saved().unwrap_or_default());
    }

    /// Live data over promises.
    pub fn allocation(&self) -> Ratio {
        Ratio::new(self.live_bytes, self.promised_bytes)
    }

    /// Share of the promises that is not allocated.
    pub fn efficiency(&self) -> Ratio {
        let free = self.promised_bytes.saturating_sub(self.live_bytes);
        Ratio::new(free, self.promised_bytes)
    }

    /// Logical over charged bytes of the volumes that tell both.
    pub fn reduction(&self) -> Option<Ratio> {
        let ratio = Ratio::new(self.logical_bytes, self.logical_live_bytes);
        (ratio.whole > 0).then_some(ratio)
    }

    /// Promises over live data.
    pub fn total(&self) -> Option<Ratio> {
        let ratio = Ratio::new(self.promised_bytes, self.live_bytes);
        (ratio.whole > 0).then_some(ratio)
    }
}

impl Pool {
    /// Promises over size.
    pub fn overcommit(&self) -> Ratio {
        Ratio::new(self.sums.promised_bytes, self.space.size_bytes())
    }

    /// Worst cases over size.
    pub fn worst_overcommit(&self) -> Ratio {
        Ratio::new(self.sums.worst_bytes, self.space.size_bytes())
    }

    /// Worst cases and the snapshots of today over size.
    pub fn snapshot_overcommit(&self) -> Ratio {
        let bytes = self
            .sums
            .worst_bytes
            .saturating_add(self.sums.snapshot_bytes);
        Ratio::new(bytes, self.space.size_bytes())
    }

    /// Promises above reservations over the size that reservations leave: of thin volumes alone when the others are thick.
    pub fn thin_overcommit(&self) -> Ratio {
        let left = self
            .space
            .size_bytes()
            .saturating_sub(self.sums.reservation_bytes);
        Ratio::new(self.sums.unreserved_bytes, left.max(0))
    }

    /// Unbacked promises over free space. Above one, writes fail before every volume is full.
    pub fn unbacked_ratio(&self) -> Ratio {
        Ratio::new(self.sums.unbacked_bytes, self.space.available_bytes)
    }

    /// Unbacked promises that the free space does not cover.
    pub fn shortfall_bytes(&self) -> i64 {
        let short = self
            .sums
            .unbacked_bytes
            .saturating_sub(self.space.available_bytes);
        short.max(0)
    }
}

/// Pools side by side; the first of equals. Nothing without a pool.
pub fn overview(pools: &[Pool]) -> Option<Overview> {
    let largest = |of: fn(&Pool) -> Ratio| {
        // The last of equals is taken, hence from behind.
        let pools = pools.iter().enumerate().rev();
        pools
            .max_by(|(_, a), (_, b)| of(a).order(of(b)))
            .map(|(index, _)| index)
    };
    let sum = |of: fn(&Pool) -> i64| pools.iter().map(of).fold(0, i64::saturating_add);
    Some(Overview {
        riskiest: largest(Pool::unbacked_ratio)?,
        n_short: pools
            .iter()
            .filter(|pool| pool.shortfall_bytes() > 0)
            .count(),
        fullest: largest(|pool| pool.space.fill())?,
        fill_of_all: Ratio::new(
            sum(|pool| pool.space.used_bytes),
            sum(|pool| pool.space.size_bytes()),
        ),
    })
}
