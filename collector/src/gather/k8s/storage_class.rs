//! Storage classes. Parameters are read by a closed list of keys; of a secret only its presence is noted.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use truenas_common::redact::Redactor;
use truenas_common::tables::code::{
    BindingMode, Compression, FileSystem, LifetimeUnit, MountOption, Protocol, ReclaimPolicy,
};
use truenas_common::tables::{K8sStorageClass, K8sStorageClassMountOption};

use crate::gather::metadata::{Metadata, filled};
use crate::gather::mount_option::MountOptions;
use crate::gather::schedule::Schedule;
use crate::gather::secret_parameter::{IsFilled, is_reference, is_secret};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::STORAGE_CLASSES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/storage_class",
    why: "How new volumes are made: reclaim policy, expansion, parent dataset, and whether a parameter holds a secret.",
    reads: &[Read::K8s(&STORAGE_CLASSES)],
    tables: &["k8s_storage_class", "k8s_storage_class_mount_option"],
};

/// A storage class.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::gather) struct StorageClass {
    metadata: Metadata,
    provisioner: String,
    parameters: Option<Parameters>,
    reclaim_policy: Option<String>,
    allow_volume_expansion: Option<bool>,
    volume_binding_mode: Option<String>,
    mount_options: MountOptions,
}

/// The parameters that are looked at.
#[derive(Debug, Default)]
struct Parameters {
    protocol: Option<String>,
    pool: Option<String>,
    dataset_path: Option<String>,
    file_system: Option<String>,
    sparse: Option<String>,
    detached_from_snapshot: Option<String>,
    detached_from_volume: Option<String>,
    encryption: Option<String>,
    compression: Option<String>,
    volblocksize: Option<String>,
    schedule: Option<String>,
    naming: Option<String>,
    retention: Option<String>,
    retention_unit: Option<String>,
    recursive: Option<String>,
    n_others: i64,
    has_secret: bool,
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ParametersVisitor)
    }
}

struct ParametersVisitor;

impl<'de> Visitor<'de> for ParametersVisitor {
    type Value = Parameters;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
        let mut parameters = Parameters::default();
        while let Some(key) = map.next_key::<String>()? {
            let place = match name_of(&key) {
                "protocol" => &mut parameters.protocol,
                "pool" => &mut parameters.pool,
                "datasetPath" => &mut parameters.dataset_path,
                "fsType" | "csi.storage.k8s.io/fstype" => &mut parameters.file_system,
                "sparse" => &mut parameters.sparse,
                "detachedVolumesFromSnapshots" => &mut parameters.detached_from_snapshot,
                "detachedVolumesFromVolumes" => &mut parameters.detached_from_volume,
                "encryption" => &mut parameters.encryption,
                "compression" => &mut parameters.compression,
                "volblocksize" => &mut parameters.volblocksize,
                "snapshot.schedule" => &mut parameters.schedule,
                "snapshot.naming" => &mut parameters.naming,
                "snapshot.retention" => &mut parameters.retention,
                "snapshot.retentionUnit" => &mut parameters.retention_unit,
                "snapshot.recursive" => &mut parameters.recursive,
                key if is_secret(key) => {
                    let IsFilled(is_filled) = map.next_value()?;
                    parameters.has_secret |= is_filled;
                    continue;
                }
                key => {
                    parameters.n_others += i64::from(!is_reference(key));
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = map.next_value()?;
        }
        Ok(parameters)
    }
}

/// One row a class.
pub(in crate::gather) fn rows(
    classes: &[StorageClass],
    redactor: &Redactor,
) -> Vec<K8sStorageClass> {
    let none = Parameters::default();
    let is_default = |class: &StorageClass| {
        class
            .metadata
            .annotations
            .as_ref()
            .is_some_and(|annotations| {
                let marks = [
                    &annotations.is_default_class,
                    &annotations.is_default_class_beta,
                ];
                marks
                    .into_iter()
                    .any(|mark| mark.as_deref() == Some("true"))
            })
    };
    classes
        .iter()
        .map(|class| {
            let parameters = class.parameters.as_ref().unwrap_or(&none);
            K8sStorageClass {
                name: redactor.name(class.metadata.name()),
                uid: class.metadata.uid(redactor),
                created_at: class.metadata.created_at(),
                provisioner: redactor.name(&class.provisioner),
                reclaim_policy: ReclaimPolicy::parse(
                    class.reclaim_policy.as_deref().unwrap_or("Delete"),
                ),
                binding_mode: BindingMode::parse(
                    class.volume_binding_mode.as_deref().unwrap_or("Immediate"),
                ),
                is_expandable: class.allow_volume_expansion.unwrap_or(false),
                has_discard: Some(class.mount_options.has(MountOption::Discard)),
                is_default: is_default(class),
                protocol: Protocol::parse(parameters.protocol.as_deref().unwrap_or_default()),
                dataset_parent: parent(parameters).map(|path| redactor.path(&path)),
                file_system: filled(parameters.file_system.as_ref()).map(FileSystem::parse),
                is_sparse: switch(&parameters.sparse),
                is_detached_from_snapshot: switch(&parameters.detached_from_snapshot),
                is_detached_from_volume: switch(&parameters.detached_from_volume),
                is_encrypted: switch(&parameters.encryption),
                compression: filled(parameters.compression.as_ref()).map(compression),
                volblocksize_bytes: parameters.volblocksize.as_deref().and_then(block_bytes),
                has_snapshot_schedule: Some(filled(parameters.schedule.as_ref()).is_some()),
                snapshot_gap_secs: filled(parameters.schedule.as_ref())
                    .and_then(Schedule::parse)
                    .and_then(|schedule| schedule.longest_gap_secs()),
                snapshot_schema: filled(parameters.naming.as_ref())
                    .map(|schema| redactor.name(schema)),
                n_snapshot_lifetime_units: filled(parameters.retention.as_ref())
                    .and_then(|number| number.parse().ok()),
                snapshot_lifetime_unit: filled(parameters.retention_unit.as_ref())
                    .map(LifetimeUnit::parse),
                is_snapshot_recursive: switch(&parameters.recursive),
                n_other_parameters: Some(parameters.n_others),
                has_secret_parameter: parameters.has_secret,
            }
        })
        .collect()
}

/// One row a mount option of a class.
pub(in crate::gather) fn mount_option_rows(
    classes: &[StorageClass],
    redactor: &Redactor,
) -> Vec<K8sStorageClassMountOption> {
    let of_class = |class: &StorageClass| {
        let name = redactor.name(class.metadata.name());
        let options = class.mount_options.0.iter();
        let rows = options.map(|(option, value)| K8sStorageClassMountOption {
            storage_class: name.clone(),
            option: *option,
            word: value.word,
            n_value: value.number,
        });
        rows.collect::<Vec<_>>()
    };
    classes.iter().flat_map(of_class).collect()
}

/// democratic-csi also takes its keys below prefixes of its own, with the name of a driver or an instance between.
fn name_of(key: &str) -> &str {
    match key.strip_prefix("democratic-csi.org/") {
        Some(rest) => rest.rsplit('/').next().unwrap_or(rest),
        None => key,
    }
}

fn switch(text: &Option<String>) -> Option<bool> {
    filled(text.as_ref()).map(|text| text.eq_ignore_ascii_case("true"))
}

/// The algorithm without its level.
fn compression(text: &str) -> Compression {
    let word = text.to_uppercase();
    Compression::parse(word.split('-').next().unwrap_or_default())
}

/// `16K`, as ZFS spells sizes.
fn block_bytes(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(['K', 'k', 'M', 'm', 'B', 'i']);
    let scale: i64 = match text[digits.len()..].chars().next() {
        None | Some('B') => 1,
        Some('K' | 'k') => 1 << 10,
        _ => 1 << 20,
    };
    digits.parse::<i64>().ok()?.checked_mul(scale)
}

fn parent(parameters: &Parameters) -> Option<String> {
    let pool = filled(parameters.pool.as_ref())?;
    let below = filled(parameters.dataset_path.as_ref()).map(|path| path.trim_matches('/'));
    Some(match below.filter(|path| !path.is_empty()) {
        Some(path) => format!("{pool}/{path}"),
        None => pool.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn row(parameters: &str) -> K8sStorageClass {
        let json = format!(
            r#"{{"metadata": {{"name": "fast", "uid": "u"}}, "provisioner": "csi.truenas.io",
                 "parameters": {parameters}, "reclaimPolicy": "Retain", "allowVolumeExpansion": true,
                 "mountOptions": ["noatime", "discard"]}}"#
        );
        let class = serde_json::from_str(&json).unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        rows(&[class], &redactor).remove(0)
    }

    #[test]
    fn parent_is_pool_and_path() {
        let class = row(r#"{"protocol": "nfs", "pool": "tank", "datasetPath": "k8s/nfs"}"#);
        assert_eq!(class.dataset_parent.unwrap().as_str(), "tank/k8s/nfs");
        assert_eq!(
            (class.protocol, class.has_secret_parameter),
            (Protocol::Nfs, false)
        );
        assert!(row("null").dataset_parent.is_none());
        assert_eq!(row("null").has_discard, Some(true));
    }

    #[test]
    fn parameters_of_both_drivers_are_read_by_name_and_the_rest_is_counted() {
        let vendor = row(
            r#"{"protocol": "iscsi", "pool": "tank", "sparse": "true", "compression": "ZSTD-3", "volblocksize": "16K",
                "encryption": "true", "snapshot.schedule": "0 */6 * * *", "snapshot.retention": "2",
                "snapshot.retentionUnit": "WEEK", "snapshot.naming": "auto-%Y", "nfs.hosts": "hidden"}"#,
        );
        assert_eq!(
            (vendor.is_sparse, vendor.is_encrypted),
            (Some(true), Some(true))
        );
        assert_eq!(vendor.compression, Some(Compression::Zstd));
        assert_eq!(vendor.volblocksize_bytes, Some(16_384));
        assert_eq!(
            (vendor.has_snapshot_schedule, vendor.snapshot_gap_secs),
            (Some(true), Some(21_600))
        );
        assert_eq!(
            (
                vendor.n_snapshot_lifetime_units,
                vendor.snapshot_lifetime_unit
            ),
            (Some(2), Some(LifetimeUnit::Week))
        );
        assert_eq!(vendor.snapshot_schema.unwrap().as_str(), "auto-%Y");
        assert_eq!(vendor.n_other_parameters, Some(1));
        let community = row(
            r#"{"fsType": "xfs", "democratic-csi.org/a/detachedVolumesFromSnapshots": "true",
                "detachedVolumesFromVolumes": "false", "csi.storage.k8s.io/node-stage-secret-name": "x"}"#,
        );
        assert_eq!(community.file_system, Some(FileSystem::Xfs));
        assert_eq!(
            (
                community.is_detached_from_snapshot,
                community.is_detached_from_volume
            ),
            (Some(true), Some(false))
        );
        assert_eq!(
            (community.is_sparse, community.n_other_parameters),
            (None, Some(0))
        );
        assert_eq!(community.has_snapshot_schedule, Some(false));
    }

    #[test]
    fn secret_is_noted_and_the_name_of_one_is_not() {
        assert!(row(r#"{"iscsi.chapSecret": "x"}"#).has_secret_parameter);
        assert!(row(r#"{"encryption.passphrase": "x"}"#).has_secret_parameter);
        assert!(!row(r#"{"iscsi.chapSecret": ""}"#).has_secret_parameter);
        assert!(!row(r#"{"csi.storage.k8s.io/node-stage-secret-name": "x"}"#).has_secret_parameter);
    }
}
