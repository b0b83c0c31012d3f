//! Declared drivers as rows: what cannot be seen without their Secret.

use truenas_common::redact::{Redactor, marker};
use truenas_common::tables::CollectDriver;

use crate::config::DeclaredDriver;
use crate::gather::{self, Sink, SinkError};

/// Writes one row for each driver.
pub(super) fn write(
    drivers: &[DeclaredDriver],
    redactor: &Redactor,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let path = |dataset: &Option<String>| dataset.as_deref().map(|path| redactor.path(path));
    for driver in drivers {
        let row = CollectDriver {
            driver: redactor.name::<marker::DriverKind>(&driver.name),
            is_http: driver.is_http,
            is_insecure_allowed: driver.is_insecure_allowed,
            volumes_parent: path(&driver.volumes_parent),
            snapshots_parent: path(&driver.snapshots_parent),
        };
        gather::row(sink, &row)?;
    }
    Ok(())
}
