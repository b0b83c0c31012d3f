//! Nodes and their addresses.

use std::collections::BTreeSet;

use serde::Deserialize;
use truenas_common::redact::{Redactor, Version};
use truenas_common::tables::{K8sNode, K8sNodeAddress};

use crate::gather::condition::{Condition, find};
use crate::gather::metadata::{Metadata, filled};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::NODES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/node",
    why: "Explains which sessions and API clients of an appliance are nodes of this cluster, and finds lost nodes.",
    reads: &[Read::K8s(&NODES)],
    tables: &["k8s_node", "k8s_node_address"],
};

/// A node.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Node {
    metadata: Metadata,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    conditions: Option<Vec<Condition>>,
    addresses: Option<Vec<Address>>,
    node_info: Option<NodeInfo>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Address {
    address: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NodeInfo {
    kubelet_version: Option<String>,
}

/// One row a node.
pub(in crate::gather) fn rows(nodes: &[Node], redactor: &Redactor) -> Vec<K8sNode> {
    let is_ready = |node: &Node| {
        let conditions = node.status.conditions.as_deref().unwrap_or_default();
        find(conditions, "Ready").is_some_and(Condition::is_true)
    };
    let version = |node: &Node| {
        let info = node.status.node_info.as_ref()?;
        Version::find(info.kubelet_version.as_deref()?)
    };
    nodes
        .iter()
        .map(|node| K8sNode {
            name: redactor.name(node.metadata.name()),
            uid: node.metadata.uid(redactor),
            created_at: node.metadata.created_at(),
            is_ready: is_ready(node),
            kubelet_version: version(node),
        })
        .collect()
}

/// One row for each different address of a node.
pub(in crate::gather) fn address_rows(nodes: &[Node], redactor: &Redactor) -> Vec<K8sNodeAddress> {
    let of_node = |node: &Node| {
        let addresses = node.status.addresses.iter().flatten();
        let hosts: BTreeSet<_> = addresses
            .filter_map(|address| filled(address.address.as_ref()))
            .map(|host| redactor.host(host))
            .collect();
        let name = redactor.name(node.metadata.name());
        let rows = hosts.into_iter().map(move |host| K8sNodeAddress {
            node: name.clone(),
            host,
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
    fn address_that_is_given_twice_is_one_row() {
        let nodes: Vec<Node> = serde_json::from_str(
            r#"[{"metadata": {"name": "worker-01", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z"},
                 "status": {"conditions": [{"type": "Ready", "status": "True"}],
                   "addresses": [{"type": "InternalIP", "address": "192.0.2.21"}, {"type": "ExternalIP", "address": "192.0.2.21"},
                                 {"type": "Hostname", "address": "worker-01"}],
                   "nodeInfo": {"kubeletVersion": "v1.36.2", "machineID": "x"}}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let found = rows(&nodes, &redactor);
        assert!(found[0].is_ready && found[0].name.as_str().starts_with("node-"));
        assert_eq!(address_rows(&nodes, &redactor).len(), 2);
    }
}
