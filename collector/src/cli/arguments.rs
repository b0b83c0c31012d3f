//! The arguments; their comments are the help.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing::Level;
use truenas_common::time::Time;

use crate::source::truenas::Version;

/// Collect Kubernetes, CSI driver and TrueNAS storage state, reading only, into signed and encrypted bundles
#[derive(Debug, Parser)]
#[command(name = "truenas-collector", version, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Log every request, without names
    #[arg(long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Log errors only
    #[arg(long, global = true)]
    quiet: bool,
}

impl Arguments {
    pub(super) fn level(&self) -> Level {
        match (self.verbose, self.quiet) {
            (true, _) => Level::DEBUG,
            (_, true) => Level::ERROR,
            _ => Level::INFO,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read everything once and leave one bundle in a folder; print its path
    Collect(CollectArguments),
    /// Show what would be read, and why
    Plan(ConfigArguments),
    /// Ask every server whether it can be read; make no bundle
    Preflight(PreflightArguments),
    /// Print the rights that a cluster or an appliance must grant, ready to be applied
    ///
    /// They are made of what the gatherers read, and both profiles read the same. For a cluster a ClusterRole; with
    /// --truenas the roles of the user of the API key, one a line. Up to 24.10 an API key has no roles: there the list
    /// of methods that the key may call is printed, and the key is made at the appliance with
    /// midclt call api_key.create "{\"name\": \"truenas-collector\", \"allowlist\": $(cat LIST)}"
    Rbac(RbacArguments),
    /// Make keys; needs no network
    #[command(subcommand)]
    Keygen(KeygenCommand),
    /// Look at keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Print the pin of a server's key, to compare at its console
    Pin {
        /// Server
        #[arg(value_name = "HOST:PORT")]
        server: String,
    },
    /// Replace keys
    #[command(subcommand)]
    Rotate(RotateCommand),
    /// Show what was sealed: tables, rows, bytes, samples
    Inspect(InspectArguments),
    /// Sign the digest of a sealed bundle as a second person, after looking at it with `inspect`
    Approve(ApproveArguments),
    /// Print the manual page
    Man,
    /// Print completions for a shell
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    /// Configuration
    #[arg(long, env = "TRUENAS_COLLECTOR_CONFIG", value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RbacArguments {
    /// Add what only OpenShift serves
    #[arg(long)]
    pub(super) openshift: bool,
    /// Add the binding to the role that may read the cluster's metrics
    #[arg(long, conflicts_with = "truenas")]
    pub(super) thanos: bool,
    /// Print what an appliance of this release must grant instead
    #[arg(
        long,
        value_name = "RELEASE",
        conflicts_with = "openshift",
        value_parser = PossibleValuesParser::new(["24.04", "24.10", "25.04", "25.10", "26"]).try_map(release)
    )]
    pub(super) truenas: Option<Version>,
}

#[derive(Debug, Args)]
pub(super) struct PreflightArguments {
    #[command(flatten)]
    pub(super) file: ConfigArguments,
    /// Folder of the bundles; overrides the configuration
    #[arg(long, env = "TRUENAS_COLLECTOR_OUTPUT", value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Ask the cluster what the account may do, by the two review requests that are no reads
    #[arg(long)]
    pub(super) prove_rbac: bool,
    /// Take a TrueNAS key that can write for a warning, as `collect` does with this option
    #[arg(long)]
    pub(super) allow_write_credential: bool,
}

#[derive(Debug, Args)]
pub(super) struct CollectArguments {
    #[command(flatten)]
    pub(super) file: ConfigArguments,
    /// Folder of the bundles; overrides the configuration
    #[arg(long, env = "TRUENAS_COLLECTOR_OUTPUT", value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// List every request that would be sent; send and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// End with 0 when the bundle has gaps; it says itself what is missing
    #[arg(long)]
    pub(super) partial_ok: bool,
    /// Time of names, rows and signatures, instead of the clock
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(super) clock: Option<Time>,
    /// Begin a new chain
    #[arg(long, value_name = "new", requires = "reason")]
    pub(super) stream: Option<Stream>,
    /// Why a new chain begins
    #[arg(long, requires = "stream")]
    pub(super) reason: Option<Reason>,
    /// Support case that a run on demand is made for; the bundle names it
    #[arg(long, value_name = "ID", requires = "stream", value_parser = case)]
    pub(super) case: Option<String>,
    /// Show on site what was dropped and why: names of fields and counts
    #[arg(long)]
    pub(super) explain: bool,
    /// Encrypt to one more key
    #[arg(long, value_name = "recovery")]
    pub(super) also_to: Option<AlsoTo>,
    /// Go on although a TrueNAS key can write; the report will show it
    #[arg(long)]
    pub(super) allow_write_credential: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Stream {
    /// A chain of its own
    New,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Reason {
    /// A run beside the schedule, or from another machine
    OnDemand,
    /// The chain of this folder is to begin anew
    OperatorReset,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum AlsoTo {
    /// The site's own recovery key
    Recovery,
}

#[derive(Debug, Subcommand)]
pub(super) enum KeygenCommand {
    /// Make all keys of a site
    Site(SiteArguments),
    /// Make a pseudonym key alone
    Pseudonym {
        /// Folder; made when missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Make a key that approves bundles; its holder is not the one who runs the collector
    Approver {
        /// Folder; made when missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Make a recovery key alone
    Recovery {
        /// Folder; made when missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct SiteArguments {
    /// Alias of the site: 4 to 16 of a-z and 0-9, naming nobody
    #[arg(long, value_name = "NAME")]
    pub(super) site: String,
    /// Public key of the analyst (can be repeated)
    #[arg(long, value_name = "age1..", required = true)]
    pub(super) recipient: Vec<String>,
    /// Folder; made when missing
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Also write each secret key in a form to be printed and typed again
    #[arg(long)]
    pub(super) paper: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Show kind, fingerprint and mode of a key file, never a secret
    Show {
        /// Key file
        file: PathBuf,
    },
    /// Print the public half of a key file
    Public {
        /// Key file
        file: PathBuf,
    },
    /// Write a key file in a form to be printed and typed again, beside it
    Paper {
        /// Key file
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// Bundle; its signature is beside it
    #[arg(value_name = "BUNDLE")]
    pub(super) bundle: PathBuf,
    /// Key that decrypts: recovery.key or the analyst's
    #[arg(long, env = "TRUENAS_COLLECTOR_IDENTITY", value_name = "FILE")]
    pub(super) identity: PathBuf,
    /// Public site key; site.pub beside the identity when not given
    #[arg(long, value_name = "FILE")]
    pub(super) site_key: Option<PathBuf>,
    /// Rows to show of each table
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) samples: usize,
    /// Print every file as it is, for a search with your own words
    #[arg(long)]
    pub(super) plain: bool,
    /// Public key that may approve (can be repeated)
    #[arg(long, value_name = "FILE")]
    pub(super) approver: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ApproveArguments {
    /// Bundle; its signature is beside it, the approval will be
    #[arg(value_name = "BUNDLE")]
    pub(super) bundle: PathBuf,
    /// Key of the approver
    #[arg(long, value_name = "FILE")]
    pub(super) key: PathBuf,
    /// Public site key
    #[arg(long, value_name = "FILE")]
    pub(super) site_key: PathBuf,
    /// Time of the approval, instead of the clock
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(super) clock: Option<Time>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RotateCommand {
    /// Make a new site key and have the old one name it
    Site(RotateSiteArguments),
    /// Make a new pseudonym key, for a new epoch; trends end with the old one
    Pseudonym(RotatePseudonymArguments),
}

#[derive(Debug, Args)]
pub(super) struct RotatePseudonymArguments {
    #[command(flatten)]
    pub(super) file: ConfigArguments,
    /// Folder of the new key; made when missing
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RotateSiteArguments {
    #[command(flatten)]
    pub(super) file: ConfigArguments,
    /// Folder of the new key; made when missing
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Folder of the bundles; overrides the configuration
    #[arg(long, env = "TRUENAS_COLLECTOR_OUTPUT", value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// First bundle that the new key signs; the next of the folder when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) from_seq: Option<u64>,
    /// Time of the statement, instead of the clock
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(super) clock: Option<Time>,
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| "write a time like 2026-11-23T18:40:00Z".to_owned())
}

fn release(text: String) -> Result<Version, String> {
    let whole = if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    };
    Version::parse(&whole).ok_or_else(|| "write a release like 25.10".to_owned())
}

fn case(text: &str) -> Result<String, String> {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_plain && (1..=32).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err("a case has 1 to 32 letters, digits and dashes, and names nobody".to_owned()),
    }
}
