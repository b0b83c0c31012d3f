//! Gatherers of Kubernetes objects, one noun a file.

pub(super) mod again;
pub(super) mod cluster;
pub(super) mod node;
pub(super) mod pv;
pub(super) mod pvc;
pub(super) mod storage_class;
pub(super) mod volume_attachment;
pub(super) mod volume_snapshot;
pub(super) mod volume_snapshot_content;
