//! Arguments about many sites.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Accepted, Print};
use crate::history::SILENT_RUNS;

#[derive(Debug, Args)]
pub(crate) struct Fleet {
    /// History folder
    #[arg(long, value_name = "DIR")]
    pub(crate) history: PathBuf,
    /// Look at the fleet as it was at this time (RFC 3339), and count ages to it in place of the newest bundle of all
    /// sites
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Thresholds, scopes, known consumers and words for domains
    #[arg(long, env = "TRUENAS_ANALYZER_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) accepted: Accepted,
    /// Folder of accepted site keys, for the new chains that somebody accepted
    #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
    /// Call a site stale after so many planned runs without a bundle
    #[arg(long, value_name = "N", default_value_t = SILENT_RUNS, value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) stale_after: i64,
    /// What comes first; findings when absent, and the fullest pool with --no-checks
    #[arg(long, value_enum)]
    pub(crate) by: Option<FleetBy>,
    /// List at most so many sites, and shared appliances; 20 in text and all of them elsewhere when absent
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Run no check: what is held and how fresh it is, without findings
    #[arg(long)]
    pub(crate) no_checks: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FleetBy {
    /// Critical findings, then high ones
    Findings,
    /// The fullest pool
    Fill,
    /// Planned runs that brought nothing
    Stale,
    Volumes,
}
