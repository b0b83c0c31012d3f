//! The simulated Kubernetes API server: discovery, lists, single objects; GET only.

mod kinds;
mod list;
mod serve;
mod status;
mod store;

pub(super) use serve::{Cluster, Get, answer, parameters};
pub(super) use store::Store;
