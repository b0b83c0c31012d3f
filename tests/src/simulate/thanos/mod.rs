//! The metrics of a cluster behind the Prometheus query API, as the querier of OpenShift serves them.
//!
//! `WORLD/thanos[@CLUSTER]/<metric>.json` holds the series of one metric, as a vector answer prints them. A world has no
//! history: what a counter grew by over a window is the value itself. The account may read when the role of the cluster
//! does not deny `monitoring.coreos.com/prometheuses`.

mod evaluate;
mod promql;
mod serve;
mod store;

pub(super) use serve::serve;
pub(super) use store::Metrics;
