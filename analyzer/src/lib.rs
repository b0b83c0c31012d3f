//! Verifies bundles, keeps their history, and reports on it.

pub mod analysis;
pub mod assemble;
pub mod bundles;
pub mod checks;
pub mod cli;
mod command;
pub mod config;
pub mod cost;
pub mod diff;
pub mod duration;
pub mod fleet;
mod growth;
pub mod history;
pub mod identity;
pub mod lifecycle;
mod listing_growth;
mod pool_trend;
pub mod query;
pub mod reclaim;
pub mod report;
pub mod settings;
pub mod suppress;
pub mod tables;
pub mod thin;
pub mod trend;
pub mod trust;
