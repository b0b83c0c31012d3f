//! Table `k8s_pvc_condition`.

use super::code::ClaimCondition;
use crate::redact::Uid;
use crate::time::Time;

crate::table! {
    /// One condition of a claim.
    "k8s_pvc_condition" as K8sPvcCondition in Cluster {
        /// Uid of the claim.
        1 [key] claim_uid: Uid,
        /// Condition.
        1 [key] condition: ClaimCondition,
        /// Status True.
        1 is_true: bool,
        /// `lastTransitionTime`.
        1 changed_at: Option<Time>,
    }
}
