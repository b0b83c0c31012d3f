//! Table `k8s_volume_attributes_class`.

use crate::redact::{AttributesClass, Driver, Uid};
use crate::time::Time;

crate::table! {
    /// One volume attributes class.
    "k8s_volume_attributes_class" as K8sVolumeAttributesClass in Cluster {
        /// Volume attributes class.
        1 [key] name: AttributesClass,
        /// Uid.
        1 uid: Uid,
        /// Creation.
        1 created_at: Time,
        /// CSI driver.
        1 driver: Driver,
        /// Parameters; their keys and values stay on site.
        1 n_parameters: i64,
    }
}
