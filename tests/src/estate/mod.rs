//! A generated estate: one cluster, one appliance and the days they live through, as world folders.
//!
//! Everything follows from [`EstateOptions`]: the same options give the same bytes. An estate is planned as lives (who
//! exists from when to when, and how fast it grows); a day is a look at these lives, so ids never change between days.
//! Nothing here reads a clock, and only the writing part touches the disk.
//!
//! Files hold the superset of what any version answers, with true property sources; the simulator takes away what a
//! version does not have (25.10 calls every source LOCAL).

mod appliance;
mod calendar;
mod cluster;
mod corollary;
mod dataset;
mod fault;
mod guilty;
mod innocent;
mod metrics;
mod names;
mod options;
mod plan;
mod population;
mod rng;
mod row;
mod snapshot;
#[cfg(test)]
mod tests;
mod truth;
mod volume;
mod write;

pub use corollary::Corollary;
pub use fault::{Fault, UnknownFault};
pub use options::EstateOptions;
pub use plan::{Estate, estate};
pub(crate) use row::human;
pub use truth::{Fact, Trap, Truth};
