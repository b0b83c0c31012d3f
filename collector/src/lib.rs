//! The read-only collector of Kubernetes, CSI driver and TrueNAS storage state.

pub mod source;
