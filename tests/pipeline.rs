//! World to bundles to history to findings, in process, with the stock tools as a second reader.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

#[path = "pipeline/bad_input.rs"]
mod bad_input;
#[path = "pipeline/bundle.rs"]
mod bundle;
#[path = "pipeline/commute.rs"]
mod commute;
#[path = "pipeline/demo.rs"]
mod demo;
#[path = "pipeline/differential.rs"]
mod differential;
#[path = "pipeline/history.rs"]
mod history;
#[path = "pipeline/lifecycle.rs"]
mod lifecycle;
#[path = "pipeline/pools.rs"]
mod pools;
#[path = "pipeline/removal.rs"]
mod removal;
#[path = "pipeline/samples.rs"]
mod samples;
#[path = "pipeline/stage.rs"]
mod stage;
