//! Sums that remember what was missing from them.

use std::collections::BTreeMap;

use super::{Appliance, Found};
use crate::checks::{Grade, Severity};

/// All severities, worst first.
pub const SEVERITIES: [Severity; 5] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];

/// Things counted in several places; where some were not read, there are at least so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Those that were read.
    pub n: i64,
    /// Places that were not read.
    pub n_unread: usize,
}

/// Space of several pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// Used bytes.
    pub used_bytes: i64,
    /// Used and free bytes.
    pub size_bytes: i64,
    /// Pools in these sums.
    pub n_pools: usize,
    /// Pools that were not read, and appliances whose pools were not.
    pub n_unread: usize,
}

/// Findings of one severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub n: usize,
    /// Those that two independent keys and complete lists agree on.
    pub n_confirmed: usize,
}

/// Findings by effective severity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Severity, Count>);

impl Sum {
    /// Adds what one place has, or that it was not read.
    pub(super) fn add(&mut self, n: Option<i64>) {
        match n {
            Some(n) => self.n = self.n.saturating_add(n),
            None => self.n_unread += 1,
        }
    }

    /// The sum of what several places have.
    pub(super) fn of(counts: impl IntoIterator<Item = Option<i64>>) -> Self {
        let mut sum = Self::default();
        counts.into_iter().for_each(|n| sum.add(n));
        sum
    }
}

impl Space {
    /// Adds the pools of an appliance.
    pub(super) fn add(&mut self, appliance: &Appliance) {
        let Some(pools) = &appliance.pools else {
            self.n_unread += 1;
            return;
        };
        for pool in pools {
            let Some((used, size)) = pool.space else {
                self.n_unread += 1;
                continue;
            };
            self.used_bytes = self.used_bytes.saturating_add(used);
            self.size_bytes = self.size_bytes.saturating_add(size);
            self.n_pools += 1;
        }
    }
}

impl Counts {
    /// Counts findings.
    pub(super) fn of<'f>(findings: impl IntoIterator<Item = &'f Found>) -> Self {
        let mut counts = Self::default();
        for found in findings {
            let count = counts.0.entry(found.severity).or_default();
            count.n += 1;
            count.n_confirmed += usize::from(found.grade == Grade::Confirmed);
        }
        counts
    }

    /// Findings of one severity.
    pub fn at(&self, severity: Severity) -> Count {
        self.0.get(&severity).copied().unwrap_or_default()
    }

    /// Findings of any severity.
    pub fn all(&self) -> Count {
        let mut all = Count::default();
        for count in self.0.values() {
            all.n += count.n;
            all.n_confirmed += count.n_confirmed;
        }
        all
    }
}
