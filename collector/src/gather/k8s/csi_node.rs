//! CSI drivers on each node.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sCsiNodeDriver;

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::CSI_NODES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/csi_node",
    why: "Nodes on which a driver does not run, and how many volumes a node can use.",
    reads: &[Read::K8s(&CSI_NODES)],
    tables: &["k8s_csi_node_driver"],
};

/// The drivers of a node.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct CsiNode {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    drivers: Option<Vec<Driver>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Driver {
    name: String,
    allocatable: Option<Allocatable>,
    topology_keys: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Allocatable {
    count: Option<i64>,
}

/// One row for each driver of a node.
pub(in crate::gather) fn rows(nodes: &[CsiNode], redactor: &Redactor) -> Vec<K8sCsiNodeDriver> {
    let of_node = |node: &CsiNode| {
        let drivers = node.spec.drivers.iter().flatten();
        let rows = drivers.map(|driver| K8sCsiNodeDriver {
            node: redactor.name(node.metadata.name()),
            driver: redactor.name(&driver.name),
            n_allocatable_volumes: driver.allocatable.as_ref().and_then(|all| all.count),
            n_topology_keys: driver
                .topology_keys
                .as_ref()
                .map_or(0, |keys| i64::try_from(keys.len()).unwrap_or(i64::MAX)),
        });
        rows.collect::<Vec<_>>()
    };
    nodes.iter().flat_map(of_node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn node_without_drivers_has_no_row() {
        let nodes: Vec<CsiNode> = serde_json::from_str(
            r#"[{"metadata": {"name": "worker-01"}, "spec": {"drivers": [
                  {"name": "csi.truenas.io", "nodeID": "x", "topologyKeys": null, "allocatable": {"count": 63}},
                  {"name": "nfs.csi.k8s.io", "nodeID": "x", "topologyKeys": ["zone"]}]}},
                {"metadata": {"name": "control-01"}, "spec": {"drivers": null}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&nodes, &redactor);
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].n_allocatable_volumes, rows[0].n_topology_keys),
            (Some(63), 0)
        );
        assert_eq!(
            (rows[1].n_allocatable_volumes, rows[1].n_topology_keys),
            (None, 1)
        );
        assert_eq!(rows[0].node, redactor.name("worker-01"));
    }
}
