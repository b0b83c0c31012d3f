//! Gatherers of TrueNAS answers, one noun a file.

pub(super) mod address;
pub(super) mod dataset;
pub(super) mod iscsi_extent;
pub(super) mod iscsi_target;
pub(super) mod iscsi_target_extent;
pub(super) mod nfs_share;
pub(super) mod pool;
pub(super) mod service;
pub(super) mod snapshot;
pub(super) mod system;
