//! Capacity that drivers report to the scheduler.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sCsiStorageCapacity;

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read, quantity};
use crate::source::k8s::CSI_STORAGE_CAPACITIES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/csi_storage_capacity",
    why: "Whether the scheduler knows that a pool is nearly full.",
    reads: &[Read::K8s(&CSI_STORAGE_CAPACITIES)],
    tables: &["k8s_csi_storage_capacity"],
};

/// One report.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::gather) struct CsiStorageCapacity {
    metadata: Metadata,
    storage_class_name: String,
    capacity: Option<String>,
    maximum_volume_size: Option<String>,
    node_topology: Option<Selector>,
}

/// Of a selector only whether it is empty is noted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Selector {
    match_labels: Option<BTreeMap<String, IgnoredAny>>,
    match_expressions: Option<Vec<IgnoredAny>>,
}

impl Selector {
    fn is_empty(&self) -> bool {
        let has_labels = self
            .match_labels
            .as_ref()
            .is_some_and(|all| !all.is_empty());
        let has_expressions = self
            .match_expressions
            .as_ref()
            .is_some_and(|all| !all.is_empty());
        !has_labels && !has_expressions
    }
}

/// One row a report.
pub(in crate::gather) fn rows(
    capacities: &[CsiStorageCapacity],
    redactor: &Redactor,
) -> Vec<K8sCsiStorageCapacity> {
    capacities
        .iter()
        .map(|capacity| K8sCsiStorageCapacity {
            uid: capacity.metadata.uid(redactor),
            storage_class: redactor.name(&capacity.storage_class_name),
            driver: capacity
                .metadata
                .label(|labels| &labels.driver)
                .map(|name| redactor.name(name)),
            created_at: capacity.metadata.created_at(),
            capacity_bytes: capacity.capacity.as_deref().and_then(quantity::bytes),
            maximum_volume_bytes: capacity
                .maximum_volume_size
                .as_deref()
                .and_then(quantity::bytes),
            is_limited_to_nodes: capacity
                .node_topology
                .as_ref()
                .is_some_and(|selector| !selector.is_empty()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn empty_selector_means_all_nodes() {
        let capacities: Vec<CsiStorageCapacity> = serde_json::from_str(
            r#"[{"metadata": {"uid": "u", "labels": {"csi.storage.k8s.io/drivername": "csi.truenas.io"}},
                 "storageClassName": "fast", "capacity": "100Gi", "nodeTopology": {}},
                {"metadata": {"uid": "v"}, "storageClassName": "fast", "maximumVolumeSize": "1Ti",
                 "nodeTopology": {"matchLabels": {"rack": "private"}}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&capacities, &redactor);
        assert_eq!(rows[0].capacity_bytes, Some(100 << 30));
        assert!(rows[0].driver.is_some() && !rows[0].is_limited_to_nodes);
        assert_eq!(
            (rows[1].capacity_bytes, rows[1].maximum_volume_bytes),
            (None, Some(1 << 40))
        );
        assert!(rows[1].is_limited_to_nodes && rows[1].driver.is_none());
    }
}
