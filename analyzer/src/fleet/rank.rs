//! The order of sites: what is known before what is not, and names where nothing else tells two apart.

use std::cmp::{Ordering, Reverse};

use super::Site;
use crate::checks::Severity;

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Critical findings, then high ones, then the fullest pool, then silence.
    Findings,
    /// The fullest pool.
    Fill,
    /// Silence.
    Stale,
    /// Volumes.
    Volumes,
}

impl By {
    /// The whole order in one line.
    pub fn words(self) -> &'static str {
        match self {
            Self::Findings => "critical findings, high ones, fullest pool, runs missed",
            Self::Fill => "fullest pool, critical findings, high ones, runs missed",
            Self::Stale => "runs missed, age of the newest bundle",
            Self::Volumes => "volumes, fullest pool",
        }
    }
}

pub(super) fn rank(sites: &mut [Site], by: By) {
    sites.sort_by(|a, b| order(a, b, by));
}

pub(super) fn order(a: &Site, b: &Site, by: By) -> Ordering {
    let ranked = match by {
        By::Findings => findings(a, b)
            .then_with(|| fill(a, b))
            .then_with(|| missed(a, b)),
        By::Fill => fill(a, b)
            .then_with(|| findings(a, b))
            .then_with(|| missed(a, b)),
        By::Stale => missed(a, b).then_with(|| Reverse(a.age_secs).cmp(&Reverse(b.age_secs))),
        By::Volumes => volumes(a, b).then_with(|| fill(a, b)),
    };
    ranked.then_with(|| a.key().cmp(&b.key()))
}

fn findings(a: &Site, b: &Site) -> Ordering {
    let counts = |site: &Site| {
        let counts = site.held.as_ref()?.findings.as_ref()?;
        let n = |severity| counts.at(severity).n;
        Some((n(Severity::Critical), n(Severity::High)))
    };
    Reverse(counts(a)).cmp(&Reverse(counts(b)))
}

fn fill(a: &Site, b: &Site) -> Ordering {
    let ratio = |site: &Site| Some(site.held.as_ref()?.fullest.as_ref()?.ratio());
    match (ratio(a), ratio(b)) {
        (Some(a), Some(b)) => b.order(a),
        (a, b) => Reverse(a.is_some()).cmp(&Reverse(b.is_some())),
    }
}

fn volumes(a: &Site, b: &Site) -> Ordering {
    let n = |site: &Site| site.held.as_ref()?.n_volumes;
    Reverse(n(a)).cmp(&Reverse(n(b)))
}

/// A site without a schedule stands between those that missed a run and those that did not: nobody can tell.
fn missed(a: &Site, b: &Site) -> Ordering {
    let n = |site: &Site| match site.n_missed {
        Some(n) => (n.min(1), n),
        None => (0, 1),
    };
    Reverse(n(a)).cmp(&Reverse(n(b)))
}
