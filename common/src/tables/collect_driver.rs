//! Table `collect_driver`.

use crate::redact::{DatasetPath, Driver};

crate::table! {
    /// What the operator declares about a CSI driver whose own configuration is a Secret and is never read.
    "collect_driver" as CollectDriver in Bundle {
        /// Name of the driver.
        1 [key] driver: Driver,
        /// Whether it speaks to the appliance in clear text; absent when not declared.
        1 is_http: Option<bool>,
        /// Whether it takes any certificate of the appliance; absent when not declared.
        1 is_insecure_allowed: Option<bool>,
        /// Parent dataset of its volumes; absent when not declared.
        1 volumes_parent: Option<DatasetPath>,
        /// Parent dataset of its detached snapshots; absent when not declared.
        1 snapshots_parent: Option<DatasetPath>,
    }
}
