//! The command line: arguments in, exit code out. Results go to stdout, everything else to stderr.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use truenas_common::exit::Exit;

use crate::command::{self, amount};
use crate::lifecycle::LOOK_BACK;

mod capacity;
mod cost;
mod fleet;
mod format;
mod performance;
mod trust;

pub(crate) use capacity::{Analyze, Capacity, CapacityBy};
pub(crate) use cost::{Basis, By, Cost, CostFormat};
pub(crate) use fleet::{Fleet, FleetBy};
pub(crate) use format::{Format, Gate, Print, Shape, Show};
pub(crate) use performance::{Operation, Performance, PerformanceBy};
pub(crate) use trust::{
    Chain, ChainAccept, ChainList, Keygen, Trust, TrustAdd, TrustEnd, TrustImport,
};

/// Verify bundles of truenas-collector, keep their history and report on it
#[derive(Debug, Parser)]
#[command(name = "truenas-analyzer", version, max_term_width = 100)]
pub struct Cli {
    /// Print results only
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check signature, order and content of bundles
    Verify(Verify),
    /// Verify bundles and add them to a history
    Ingest(Ingest),
    /// Run all checks; the gate for automation
    Check(Check),
    /// Look at the catalogue of checks, or run your own
    #[command(subcommand)]
    Checks(Checks),
    /// List objects that one side has and the other has not
    Orphans(Orphans),
    /// Tell what deleting old snapshots frees; deletes nothing
    Snapshots(Snapshots),
    /// Tell what volumes promise, hold and save, and what nothing stands behind
    Thin(Thin),
    /// Tell when pools and volumes reach their end and what grows, or why nobody can tell
    Capacity(Box<Capacity>),
    /// Tell what changed in a window of time: used space, whose it is, snapshots
    Analyze(Analyze),
    /// Tell what volumes cost under the rate card of the configuration, and what waste costs
    Cost(Box<Cost>),
    /// Put all sites of a history side by side: freshness, space, findings, versions, shared appliances
    Fleet(Box<Fleet>),
    /// Tell how long storage operations last, how often they fail, and whether they became slower
    Performance(Performance),
    /// Accept a finding, for a reason and for a time
    Suppress(Suppress),
    /// Write down the findings that are there, so that a gate can look at new ones only
    Baseline(Baseline),
    /// Compare two moments: objects, findings, used space
    Diff(Diff),
    /// Ask the estate in SQL
    Query(Query),
    /// Write the report
    Report(Report),
    /// Turn a saved report.json into another format
    Render(Render),
    /// Decide which sites are believed
    #[command(subcommand)]
    Trust(Trust),
    /// Look at how bundles follow each other, and accept new chains
    #[command(subcommand)]
    Chain(Chain),
    /// Make keys
    #[command(subcommand)]
    Keygen(Keygen),
    /// Print a completion script
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Keys of the reader
#[derive(Clone, Debug, Args)]
pub(crate) struct Keys {
    /// Folder of accepted site keys
    #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
    /// Age identity file of the analyst
    #[arg(long, env = "TRUENAS_ANALYZER_IDENTITY", value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Read the passphrase of a protected identity from this open file descriptor
    #[arg(long, value_name = "N")]
    pub(crate) passphrase_fd: Option<u32>,
}

/// What to look at
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Bundle files or folders (can be repeated)
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// History folder
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,
    /// Pseudonymisation domain, when there are several
    #[arg(long)]
    pub(crate) domain: Option<String>,
    /// Look at the estate as it was at this time (RFC 3339), or at the bundle with this number
    #[arg(long, value_name = "TIME|SEQ")]
    pub(crate) at: Option<String>,
    /// Thresholds, scopes and known consumers of the site
    #[arg(long, env = "TRUENAS_ANALYZER_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

/// What somebody accepted
#[derive(Debug, Args)]
pub(crate) struct Accepted {
    /// Suppressions: findings that somebody accepted, for a reason and for a time
    #[arg(long, env = "TRUENAS_ANALYZER_SUPPRESSIONS", value_name = "FILE")]
    pub(crate) suppressions: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Bundle files or folders (can be repeated)
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Check origin, order and integrity only; needs no identity
    #[arg(long)]
    pub(crate) gateway: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// Bundle files or folders (can be repeated)
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// History folder
    #[arg(long, value_name = "DIR")]
    pub(crate) history: PathBuf,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Exit 1 when a finding has this effective severity or a higher one
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Gate>,
    /// Exit 5 unless every check was evaluated
    #[arg(long)]
    pub(crate) require_complete: bool,
    #[command(flatten)]
    pub(crate) accepted: Accepted,
    /// Bundles looked back at for the age of findings
    #[arg(long, value_name = "N", default_value_t = LOOK_BACK)]
    pub(crate) look_back: usize,
    /// Findings that were there at the start, as `baseline` writes them
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Look only at findings that the baseline does not have, or has with other evidence
    #[arg(long, requires = "baseline")]
    pub(crate) new_only: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Checks {
    /// List the built-in checks
    List {
        /// Output format
        #[arg(long, value_enum, default_value_t = Print::Text)]
        format: Print,
    },
    /// Print the page of a built-in check
    Explain {
        /// Id, such as ORP-001
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Run the checks of a folder in place of the built-in ones
    Run(Box<ChecksRun>),
    /// Run the cases of the checks of a folder
    Test {
        /// Folder of checks: directories with `check.md`, `check.sql` and `cases/*.toml`
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Folder of views in place of the built-in ones
        #[arg(long, value_name = "DIR")]
        views: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ChecksRun {
    /// Folder of checks: directories with `check.md` and `check.sql`
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) check: Check,
}

#[derive(Debug, Args)]
pub(crate) struct Orphans {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) accepted: Accepted,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}

#[derive(Debug, Args)]
pub(crate) struct Snapshots {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Cut at this age in place of 7, 14, 30 and 90 days, such as 30d, 36h or 90m
    #[arg(long, value_name = "AGE", value_parser = amount::age)]
    pub(crate) older_than: Option<i64>,
    /// Find the smallest cut that frees this much in each pool, such as 500GiB
    #[arg(long, value_name = "BYTES", value_parser = amount::bytes, conflicts_with = "older_than")]
    pub(crate) free: Option<i64>,
    /// Print this section in full (can be repeated); a summary of each and the reclaim table when absent
    #[arg(long, value_enum, value_name = "SECTION")]
    pub(crate) show: Vec<Show>,
    /// Output format; csv is one section, the reclaim table when none is named
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}

#[derive(Debug, Args)]
pub(crate) struct Thin {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Look at the pool of this name only
    #[arg(long, value_name = "NAME")]
    pub(crate) pool: Option<String>,
    /// List at most so many volumes of each kind; 20 in text and all of them elsewhere when absent
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
}

#[derive(Debug, Args)]
pub(crate) struct Suppress {
    /// Fingerprint of the finding; its first digits are enough when no other starts with them
    #[arg(value_name = "FINGERPRINT")]
    pub(crate) fingerprint: String,
    #[command(flatten)]
    pub(crate) input: Input,
    /// File of suppressions; made when it does not exist
    #[arg(long, env = "TRUENAS_ANALYZER_SUPPRESSIONS", value_name = "FILE")]
    pub(crate) suppressions: PathBuf,
    /// Who accepts the finding
    #[arg(long)]
    pub(crate) owner: String,
    /// Why it is accepted
    #[arg(long)]
    pub(crate) reason: String,
    /// Last day on which it is accepted, at most 90 days ahead
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: String,
}

#[derive(Debug, Args)]
pub(crate) struct Baseline {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) accepted: Accepted,
    /// File to write; remarks in an earlier one stay
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Earlier side: number of a bundle, time (RFC 3339), or bundle file or folder
    #[arg(value_name = "A")]
    pub(crate) before: String,
    /// Later side
    #[arg(value_name = "B")]
    pub(crate) after: String,
    /// History folder, for numbers and times
    #[arg(long, value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,
    /// Pseudonymisation domain, when there are several
    #[arg(long)]
    pub(crate) domain: Option<String>,
    /// Thresholds, scopes and known consumers of the site
    #[arg(long, env = "TRUENAS_ANALYZER_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    /// One SELECT over tables and views, or `.tables`, `.schema [NAME]`, `.help`
    #[arg(value_name = "SQL")]
    pub(crate) sql: String,
    #[command(flatten)]
    pub(crate) input: Input,
    /// Output format
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    pub(crate) format: Shape,
    /// Output file; stdout when absent
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Refuse an answer with more rows
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) max_rows: usize,
    /// Stop a statement that runs longer
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) max_secs: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) accepted: Accepted,
    /// Bundles looked back at for the age of findings
    #[arg(long, value_name = "N", default_value_t = LOOK_BACK)]
    pub(crate) look_back: usize,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Html)]
    pub(crate) format: Format,
    /// Output file; stdout when absent
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Render {
    /// Saved report.json
    #[arg(value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Html)]
    pub(crate) format: Format,
    /// Output file; stdout when absent
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Runs the program and says why it ended.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let is_help = !error.use_stderr();
            // Nothing is left to do when the terminal is gone.
            let _ = error.print();
            return if is_help { Exit::Ok } else { Exit::Usage };
        }
    };
    let outcome = match &cli.command {
        Command::Verify(args) => command::verify::run(args),
        Command::Ingest(args) => command::ingest::run(args, cli.quiet),
        Command::Check(args) => command::check::run(args),
        Command::Orphans(args) => command::orphans::run(args),
        Command::Snapshots(args) => command::snapshots::run(args),
        Command::Thin(args) => command::thin::run(args),
        Command::Capacity(args) => command::capacity::run(args),
        Command::Analyze(args) => command::analyze::run(args),
        Command::Cost(args) => command::cost::run(args),
        Command::Fleet(args) => command::fleet::run(args),
        Command::Performance(args) => command::performance::run(args),
        Command::Suppress(args) => command::accepted::suppress(args),
        Command::Baseline(args) => command::accepted::baseline(args),
        Command::Diff(args) => command::diff::run(args),
        Command::Query(args) => command::query::run(args),
        Command::Report(args) => command::report::run(args),
        Command::Checks(args) => command::checks::run(args),
        Command::Render(args) => command::report::render(args),
        Command::Trust(args) => command::trust::run(args),
        Command::Chain(args) => command::chain::run(args),
        Command::Keygen(args) => command::keygen::run(args),
        Command::Completions { shell } => {
            let mut definition = <Cli as clap::CommandFactory>::command();
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut definition, "truenas-analyzer", &mut text);
            command::write_output(None, &text).map(|()| Exit::Ok)
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(<Cli as clap::CommandFactory>::command())
                .render(&mut text)
                .map_err(Into::into)
                .and_then(|()| command::write_output(None, &text))
                .map(|()| Exit::Ok)
        }
    };
    // What the command says of itself comes first; then whether its words arrived.
    let outcome = outcome.and_then(|exit| {
        let arrived = command::stdout::finish();
        arrived.context("cannot write to standard output")?;
        Ok(exit)
    });
    outcome.unwrap_or_else(|error| {
        eprintln!("truenas-analyzer: {error:#}");
        command::exit_of(&error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
