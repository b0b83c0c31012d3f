//! Test kit: simulated Kubernetes and TrueNAS servers over a *world* folder, and what the suites share.

pub mod configuration;
pub mod estate;
pub mod golden;
pub mod plant;
#[cfg(test)]
mod profile;
pub mod sealed;
pub mod simulate;
pub mod site;
pub mod subject;
pub mod world;
