//! One measured figure beside what it is to be.

use std::fmt;

use serde_json::{Value, json};

/// What a figure is to be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtMost(f64),
    Below(f64),
    AtLeast(f64),
}

/// One measured figure.
pub(crate) struct Figure {
    part: &'static str,
    what: String,
    seen: f64,
    unit: &'static str,
    target: Option<Target>,
}

impl Figure {
    pub(crate) fn new(
        part: &'static str,
        what: impl Into<String>,
        seen: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            part,
            what: what.into(),
            seen,
            unit,
            target: None,
        }
    }

    /// The same figure with a target.
    pub(crate) fn beside(self, target: Target) -> Self {
        Self {
            target: Some(target),
            ..self
        }
    }

    /// Whether the target is met, where there is one.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.target.map(|target| match target {
            Target::AtMost(limit) => self.seen <= limit,
            Target::Below(limit) => self.seen < limit,
            Target::AtLeast(limit) => self.seen >= limit,
        })
    }

    /// One row of the table.
    pub(crate) fn print(&self) {
        let seen = format!("{} {}", Digits(self.seen), self.unit);
        let target = self.target.map(|target| target.to_string());
        println!(
            "{:<10} {:<52} {seen:>16}  {:<8} {}",
            self.part,
            self.what,
            target.unwrap_or_default(),
            match self.is_met() {
                Some(true) => "ok",
                Some(false) => "over",
                None => "",
            }
        );
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "part": self.part, "what": self.what, "seen": self.seen, "unit": self.unit,
            "target": self.target.map(|target| target.to_string()), "is_met": self.is_met(),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(formatter, "<= {limit}"),
            Self::Below(limit) => write!(formatter, "< {limit}"),
            Self::AtLeast(limit) => write!(formatter, ">= {limit}"),
        }
    }
}

/// A number with as many digits as matter.
struct Digits(f64);

impl fmt::Display for Digits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = match self.0.abs() {
            whole if whole.fract() == 0.0 || whole >= 1_000.0 => 0,
            large if large >= 10.0 => 1,
            _ => 3,
        };
        write!(formatter, "{:.*}", decimals, self.0)
    }
}

/// Bytes in the unit of memory.
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Bytes in the unit of files and speed.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
