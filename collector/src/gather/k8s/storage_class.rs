//! Storage classes. Parameters are read by a closed list of keys; of a secret only its presence is noted.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sStorageClass;
use truenas_common::tables::code::{BindingMode, Protocol, ReclaimPolicy};

use crate::gather::metadata::{Metadata, filled};
use crate::gather::secret_parameter::{IsFilled, is_secret};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::STORAGE_CLASSES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/storage_class",
    why: "How new volumes are made: reclaim policy, expansion, parent dataset, and whether a parameter holds a secret.",
    reads: &[Read::K8s(&STORAGE_CLASSES)],
    tables: &["k8s_storage_class"],
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
    mount_options: Option<Vec<String>>,
}

/// The parameters that are looked at.
#[derive(Debug, Default)]
struct Parameters {
    protocol: Option<String>,
    pool: Option<String>,
    dataset_path: Option<String>,
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
            match key.as_str() {
                "protocol" => parameters.protocol = map.next_value()?,
                "pool" => parameters.pool = map.next_value()?,
                "datasetPath" => parameters.dataset_path = map.next_value()?,
                key if is_secret(key) => {
                    let IsFilled(is_filled) = map.next_value()?;
                    parameters.has_secret |= is_filled;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
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
                has_discard: Some(
                    class
                        .mount_options
                        .iter()
                        .flatten()
                        .any(|option| option == "discard"),
                ),
                is_default: is_default(class),
                protocol: Protocol::parse(parameters.protocol.as_deref().unwrap_or_default()),
                dataset_parent: parent(parameters).map(|path| redactor.path(&path)),
                has_secret_parameter: parameters.has_secret,
            }
        })
        .collect()
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
    fn secret_is_noted_and_the_name_of_one_is_not() {
        assert!(row(r#"{"iscsi.chapSecret": "x"}"#).has_secret_parameter);
        assert!(row(r#"{"encryption.passphrase": "x"}"#).has_secret_parameter);
        assert!(!row(r#"{"iscsi.chapSecret": ""}"#).has_secret_parameter);
        assert!(!row(r#"{"csi.storage.k8s.io/node-stage-secret-name": "x"}"#).has_secret_parameter);
    }
}
