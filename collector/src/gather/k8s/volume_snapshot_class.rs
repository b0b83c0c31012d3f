//! Volume snapshot classes. Parameters are read by a closed list of keys; of a secret only its presence is noted.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVolumeSnapshotClass;
use truenas_common::tables::code::ReclaimPolicy;

use crate::gather::metadata::Metadata;
use crate::gather::secret_parameter::{IsFilled, is_reference, is_secret};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::VOLUME_SNAPSHOT_CLASSES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_snapshot_class",
    why: "Drivers without a snapshot class or with several defaults, and whether snapshots are copies.",
    reads: &[Read::K8s(&VOLUME_SNAPSHOT_CLASSES)],
    tables: &["k8s_volume_snapshot_class"],
};

/// A volume snapshot class.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::gather) struct VolumeSnapshotClass {
    metadata: Metadata,
    driver: String,
    deletion_policy: Option<String>,
    parameters: Option<Parameters>,
}

/// The parameters that are looked at.
#[derive(Debug, Default)]
struct Parameters {
    is_detached: bool,
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
            match key.rsplit('/').next() {
                // democratic-csi also takes the key below its own prefixes.
                Some("detachedSnapshots") => {
                    parameters.is_detached = map.next_value::<String>()? == "true";
                }
                _ if is_secret(&key) => {
                    let IsFilled(is_filled) = map.next_value()?;
                    parameters.has_secret |= is_filled;
                }
                _ => {
                    parameters.n_others += i64::from(!is_reference(&key));
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(parameters)
    }
}

/// One row a class.
pub(in crate::gather) fn rows(
    classes: &[VolumeSnapshotClass],
    redactor: &Redactor,
) -> Vec<K8sVolumeSnapshotClass> {
    let none = Parameters::default();
    classes
        .iter()
        .map(|class| {
            let metadata = &class.metadata;
            let parameters = class.parameters.as_ref().unwrap_or(&none);
            let mark = metadata.annotation(|annotations| &annotations.is_default_snapshot_class);
            let policy = class.deletion_policy.as_deref().unwrap_or_default();
            K8sVolumeSnapshotClass {
                name: redactor.name(metadata.name()),
                uid: metadata.uid(redactor),
                created_at: metadata.created_at(),
                driver: redactor.name(&class.driver),
                deletion_policy: ReclaimPolicy::parse(policy),
                is_default: mark == Some("true"),
                is_detached: parameters.is_detached,
                has_velero_label: metadata.label(|labels| &labels.velero_class) == Some("true"),
                n_other_parameters: Some(parameters.n_others),
                has_secret_parameter: parameters.has_secret,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn class_shows_its_marks_and_no_parameter() {
        let classes: Vec<VolumeSnapshotClass> = serde_json::from_str(
            r#"[{"metadata": {"name": "a", "uid": "u", "labels": {"velero.io/csi-volumesnapshot-class": "true"},
                  "annotations": {"snapshot.storage.kubernetes.io/is-default-class": "true"}},
                 "driver": "org.democratic-csi.iscsi", "deletionPolicy": "Retain", "parameters": {
                  "detachedSnapshots": "true", "csi.storage.k8s.io/snapshotter-secret-name": "x"}},
                {"metadata": {"name": "b", "uid": "v"}, "driver": "csi.truenas.io", "deletionPolicy": "Delete",
                 "parameters": {"detachedSnapshots": "false", "encryption.passphrase": "x", "later": "y"}},
                {"metadata": {"name": "c", "uid": "w"}, "driver": "csi.truenas.io", "deletionPolicy": "Delete"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&classes, &redactor);
        assert!(rows[0].is_default && rows[0].is_detached && rows[0].has_velero_label);
        assert_eq!(rows[0].deletion_policy, ReclaimPolicy::Retain);
        assert!(!rows[0].has_secret_parameter && rows[1].has_secret_parameter);
        assert!(!rows[1].is_default && !rows[1].is_detached && !rows[1].has_velero_label);
        assert!(!rows[2].has_secret_parameter);
        let n_others: Vec<_> = rows.iter().map(|row| row.n_other_parameters).collect();
        assert_eq!(n_others, [Some(0), Some(1), Some(0)]);
    }
}
