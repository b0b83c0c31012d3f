//! Words that choose a form or a bound.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Print {
    Text,
    Json,
    Csv,
}

/// Section of what is known of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Show {
    /// Who made them
    Creators,
    /// What is written, and how their number grows
    Growth,
    /// Newest restore point of each claim
    Coverage,
    /// Declared tasks beside what is there
    Retention,
    /// What is not ready, failed, or going for too long
    Operations,
    /// Whether each restore point can be restored
    RestorePoints,
    /// What deleting old ones frees
    Reclaim,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    Table,
    Csv,
    Json,
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Html,
    Pdf,
    Json,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gate {
    Critical,
    High,
    Medium,
    Low,
    Info,
}
