//! Table `nas_nvmet_namespace`.

use super::code::NamespaceKind;
use crate::redact::{ApplianceId, DatasetPath, Leaf};

crate::table! {
    /// One NVMe-oF namespace.
    "nas_nvmet_namespace" as NasNvmetNamespace in Appliance {
        /// Appliance.
        1 [key] appliance: ApplianceId,
        /// Id.
        1 [key] id: i64,
        /// Subsystem.
        1 subsys_id: Option<i64>,
        /// Namespace id inside the subsystem.
        1 nsid: Option<i64>,
        /// Zvol or file.
        1 kind: NamespaceKind,
        /// Zvol behind the namespace.
        1 device_path: Option<DatasetPath>,
        /// Parent of that zvol.
        1 device_parent: Option<DatasetPath>,
        /// Last component of that zvol.
        1 device_leaf: Option<Leaf>,
        /// File behind the namespace.
        1 file_path: Option<DatasetPath>,
        /// Enabled.
        1 is_enabled: bool,
        /// Whether the zvol is locked; absent where the version does not say.
        1 is_locked: Option<bool>,
    }
}
