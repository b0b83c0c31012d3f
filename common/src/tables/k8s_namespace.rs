//! Table `k8s_namespace`.

use super::code::{Environment, NamespacePhase, PodSecurity};
use crate::redact::{Namespace, Uid};
use crate::time::Time;

crate::table! {
    /// One namespace; labels leave as words of closed lists only.
    "k8s_namespace" as K8sNamespace in Cluster {
        /// Namespace.
        1 [key] name: Namespace,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// Deletion timestamp.
        1 deleting_at: Option<Time>,
        /// `status.phase`.
        1 phase: NamespacePhase,
        /// Stage that a label names.
        1 environment: Option<Environment>,
        /// Label `pod-security.kubernetes.io/enforce`.
        1 pod_security: Option<PodSecurity>,
    }
}
