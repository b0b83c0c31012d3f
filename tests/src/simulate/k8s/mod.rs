//! The simulated Kubernetes API server: discovery, lists, single objects; GET only, but for the two reviews of the own rights.

mod kinds;
mod list;
mod review;
mod serve;
mod status;
mod store;

pub(super) use serve::{Cluster, Get, answer, parameters};
pub(super) use store::Store;
