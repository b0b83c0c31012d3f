//! Table `k8s_again`.

use super::code::{AgainList, Phase};
use crate::redact::Uid;

crate::table! {
    /// Objects that the second read still showed, after the appliances had been read.
    "k8s_again" as K8sAgain in Cluster {
        /// Which list was read again.
        1 [key] list: AgainList,
        /// Uid of the object.
        1 [key] uid: Uid,
        /// Phase in the second read; `other` for kinds without one.
        1 phase: Phase,
        /// Whether a deletion timestamp was set.
        1 is_deleting: bool,
    }
}
