//! Verifies bundles, keeps their history, and reports on it.

pub mod checks;
pub mod query;
pub mod report;
