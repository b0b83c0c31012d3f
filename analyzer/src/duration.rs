//! How long operations lasted, where both ends are known to the second or only within bounds.
//!
//! Pure: spans in, figures out. What was seen at collections alone lies between two of them, and what still runs has no
//! end; neither becomes a number that nobody saw. Timestamps of Kubernetes are whole seconds, so that `exact` means to
//! the second.

mod change;
mod compare;
mod percentile;
mod rate;

pub use change::{Change, Rule, change, ended};
pub use compare::{Comparison, Method, compare};
pub use percentile::{Bounds, mean, percentile};
pub use rate::wilson;

/// Samples below which values are listed, and no percentile judged.
pub const MIN_SAMPLES: usize = 20;

/// How long one operation lasted, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    least_secs: i64,
    most_secs: Option<i64>,
}

/// How well both ends of an operation are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knowledge {
    /// To the second.
    Exact,
    /// Between two bounds: interval-censored.
    Within,
    /// It still ran when it was last seen: right-censored.
    Running,
}

impl Span {
    /// A span known to the second; below nothing is nothing.
    #[must_use]
    pub fn exact(secs: i64) -> Self {
        Self::between(secs, secs)
    }

    /// A span between two bounds, both inclusive.
    #[must_use]
    pub fn between(least_secs: i64, most_secs: i64) -> Self {
        let least_secs = least_secs.max(0);
        Self {
            least_secs,
            most_secs: Some(most_secs.max(least_secs)),
        }
    }

    /// A span without an end so far.
    #[must_use]
    pub fn at_least(secs: i64) -> Self {
        Self {
            least_secs: secs.max(0),
            most_secs: None,
        }
    }

    /// The lower bound.
    #[must_use]
    pub fn least_secs(self) -> i64 {
        self.least_secs
    }

    /// The upper bound; absent while it runs.
    #[must_use]
    pub fn most_secs(self) -> Option<i64> {
        self.most_secs
    }

    /// How well it is known.
    #[must_use]
    pub fn knowledge(self) -> Knowledge {
        match self.most_secs {
            None => Knowledge::Running,
            Some(most) if most == self.least_secs => Knowledge::Exact,
            Some(_) => Knowledge::Within,
        }
    }
}

#[cfg(test)]
mod tests;
