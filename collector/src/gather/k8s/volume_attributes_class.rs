//! Volume attributes classes. Their parameters are counted, their values are not decoded.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVolumeAttributesClass;

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::VOLUME_ATTRIBUTES_CLASSES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_attributes_class",
    why: "Whether claims can change properties of their volumes behind the storage class.",
    reads: &[Read::K8s(&VOLUME_ATTRIBUTES_CLASSES)],
    tables: &["k8s_volume_attributes_class"],
};

/// A volume attributes class.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::gather) struct VolumeAttributesClass {
    metadata: Metadata,
    driver_name: String,
    parameters: Option<BTreeMap<String, IgnoredAny>>,
}

/// One row a class.
pub(in crate::gather) fn rows(
    classes: &[VolumeAttributesClass],
    redactor: &Redactor,
) -> Vec<K8sVolumeAttributesClass> {
    classes
        .iter()
        .map(|class| K8sVolumeAttributesClass {
            name: redactor.name(class.metadata.name()),
            uid: class.metadata.uid(redactor),
            created_at: class.metadata.created_at(),
            driver: redactor.name(&class.driver_name),
            n_parameters: class
                .parameters
                .as_ref()
                .map_or(0, |all| i64::try_from(all.len()).unwrap_or(i64::MAX)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn parameters_are_counted_only() {
        let classes: Vec<VolumeAttributesClass> = serde_json::from_str(
            r#"[{"metadata": {"name": "gold", "uid": "u"}, "driverName": "csi.truenas.io",
                 "parameters": {"compression": "lz4", "dedup": "on"}},
                {"metadata": {"name": "plain", "uid": "v"}, "driverName": "csi.truenas.io"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&classes, &redactor);
        assert_eq!((rows[0].n_parameters, rows[1].n_parameters), (2, 0));
        assert_eq!(rows[0].driver.as_str(), "csi.truenas.io");
        assert!(rows[0].name.as_str().starts_with("vac-"));
    }
}
