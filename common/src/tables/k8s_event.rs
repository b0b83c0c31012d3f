//! Table `k8s_event`.

use super::code::{ErrorClass, EventKind, EventObject, EventReason, EventSource, GrpcCode};
use crate::redact::{Claim, ContentName, Driver, Leaf, Namespace, PodName, SnapshotName, Uid};
use crate::time::Time;

crate::table! {
    /// One event about a volume, claim, snapshot or attachment, or about the volumes of a pod. Messages stay on site.
    "k8s_event" as K8sEvent in Cluster {
        /// Uid of the event.
        1 [key] uid: Uid,
        /// Kind of the object it is about.
        1 object_kind: EventObject,
        /// Uid of the object.
        1 object_uid: Option<Uid>,
        /// Namespace of the object.
        1 object_namespace: Option<Namespace>,
        /// The object, when it is a volume.
        1 pv: Option<Leaf>,
        /// The object, when it is a claim.
        1 claim: Option<Claim>,
        /// The object, when it is a volume snapshot.
        1 snapshot_name: Option<SnapshotName>,
        /// The object, when it is a volume snapshot content.
        1 content: Option<ContentName>,
        /// The object, when it is a pod.
        1 pod: Option<PodName>,
        /// Reason.
        1 reason: EventReason,
        /// Type.
        1 kind: EventKind,
        /// How often it happened.
        1 n_times: i64,
        /// First time.
        1 first_at: Option<Time>,
        /// Last time.
        1 last_at: Option<Time>,
        /// Which software reported it.
        1 source: EventSource,
        /// Driver whose sidecar reported it.
        1 driver: Option<Driver>,
        /// What the message of a warning says.
        1 error_class: Option<ErrorClass>,
        /// gRPC code in the message of a warning.
        1 grpc_code: Option<GrpcCode>,
    }
}
