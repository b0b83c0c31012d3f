//! What collector and analyzer share: tables, names, bundles, exit codes.
//!
//! Knows bytes and values only: no network, no clock, no command line, no async runtime, no dataframe library.

pub mod bundle;
pub mod chain;
pub mod config;
pub mod exit;
pub mod redact;
pub mod schema;
pub mod secret;
pub mod tables;
pub mod time;

pub use chain::Chain;
