//! Arguments about money.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Accepted, Input};

#[derive(Debug, Args)]
pub(crate) struct Cost {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) accepted: Accepted,
    /// Charge these bytes in place of those that the rate card names
    #[arg(long, value_enum)]
    pub(crate) basis: Option<Basis>,
    /// Add volumes up by this; `csv` has a line for each volume without it, `text` adds up by namespace
    #[arg(long, value_enum)]
    pub(crate) by: Option<By>,
    /// Charge a calendar month, as far as there are bundles of it, in place of 730 hours
    #[arg(long, value_name = "YYYY-MM", conflicts_with = "at")]
    pub(crate) month: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t = CostFormat::Text)]
    pub(crate) format: CostFormat,
    /// Output file; stdout when absent
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Basis {
    /// What was promised
    Provisioned,
    /// Data and snapshots
    Used,
    /// Half of each
    Blended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    Namespace,
    Class,
    /// As the rate card names them
    Owner,
    Pool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CostFormat {
    Text,
    Json,
    Csv,
    /// FOCUS 1.2, a row for each volume and month
    FocusCsv,
    /// The same
    FocusParquet,
}
