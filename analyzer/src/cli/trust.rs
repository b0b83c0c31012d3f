//! Arguments about keys and chains: whom the analyst believes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Print;

#[derive(Debug, Subcommand)]
pub(crate) enum Trust {
    /// Accept the key of a site
    Add(TrustAdd),
    /// Accept the key that an accepted one names as its successor
    Import(TrustImport),
    /// Believe a key no longer after a number: it was replaced in order
    Retire(TrustEnd),
    /// Believe a key no longer after a number: somebody else may have it
    Revoke(TrustEnd),
    /// List accepted keys
    List {
        /// Folder of accepted site keys
        #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
        trust: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TrustAdd {
    /// The site's public key file
    #[arg(value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Name of the site
    #[arg(long)]
    pub(crate) site: String,
    /// Fingerprint the site told you, 64 digits; asked for when absent
    #[arg(long, value_name = "HEX64")]
    pub(crate) fingerprint: Option<String>,
    /// Local name for people
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Pseudonymisation domain; sites that share a pseudonym key share it
    #[arg(long)]
    pub(crate) domain: Option<String>,
    /// Folder of accepted site keys
    #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TrustImport {
    /// The new public key file; the statement of the old key is beside it as `FILE.minisig`
    #[arg(value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Name of the site
    #[arg(long)]
    pub(crate) site: String,
    /// Folder of accepted site keys
    #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TrustEnd {
    /// Name of the site
    #[arg(value_name = "SITE")]
    pub(crate) site: String,
    /// The key, when the site has several: its first 16 digits or more, as `trust list` prints them
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) key: Option<String>,
    /// Last bundle number that is still believed
    #[arg(long, value_name = "N")]
    pub(crate) last_good_seq: u64,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Folder of accepted site keys
    #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Chain {
    /// List the chains of all sites: gaps, forks, new beginnings, silence
    List(ChainList),
    /// Accept a new chain of a site
    Accept(ChainAccept),
}

#[derive(Debug, Args)]
pub(crate) struct ChainList {
    /// History folder
    #[arg(long, value_name = "DIR")]
    pub(crate) history: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t = Print::Text)]
    pub(crate) format: Print,
    /// Folder of accepted site keys
    #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ChainAccept {
    /// Name of the site
    #[arg(value_name = "SITE")]
    pub(crate) site: String,
    /// Chain, 16 digits
    #[arg(long, value_name = "ID")]
    pub(crate) stream: String,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Folder of accepted site keys
    #[arg(long, env = "TRUENAS_ANALYZER_TRUST_DIR", value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keygen {
    /// Make the key that reads bundles
    Analyst {
        /// Output folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Write the key without a passphrase: whoever copies the file can read every bundle
        #[arg(long)]
        unprotected_key: bool,
        /// Read the passphrase from this open file descriptor instead of the terminal
        #[arg(long, value_name = "N", conflicts_with = "unprotected_key")]
        passphrase_fd: Option<u32>,
    },
}
