//! Gatherers of what the cluster's metrics tell.

pub(super) mod kubelet_volume;
pub(super) mod operation_duration;
