//! Nodes and their addresses.

use std::collections::BTreeMap;

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
        let masked = masked(node);
        let hosts: BTreeMap<_, _> = addresses
            .filter_map(|address| filled(address.address.as_ref()))
            .map(|host| {
                let network = masked
                    .iter()
                    .find(|text| text.split('/').next() == Some(host))
                    .and_then(|text| redactor.network(text));
                (redactor.host(host), network.map(|(network, _)| network))
            })
            .collect();
        let name = redactor.name(node.metadata.name());
        let rows = hosts
            .into_iter()
            .map(move |(host, network)| K8sNodeAddress {
                node: name.clone(),
                host,
                network,
            });
        rows.collect::<Vec<_>>()
    };
    nodes.iter().flat_map(of_node).collect()
}

/// Addresses with their masks, as network plugins write them on nodes.
fn masked(node: &Node) -> Vec<String> {
    let metadata = &node.metadata;
    let of_ovn = metadata.annotation(|annotations| &annotations.host_cidrs);
    let of_ovn = of_ovn.and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
    let of_calico = metadata.annotation(|annotations| &annotations.calico_address);
    let mut masked = of_ovn.unwrap_or_default();
    masked.extend(of_calico.map(str::to_owned));
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{NodeName, Profile, PseudonymKey};

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
        let addresses = address_rows(&nodes, &redactor);
        assert_eq!(addresses.len(), 2);
        assert!(addresses.iter().all(|row| row.network.is_none()));
    }

    #[test]
    fn network_is_known_where_a_plugin_writes_the_mask() {
        let nodes: Vec<Node> = serde_json::from_str(
            r#"[{"metadata": {"name": "a", "annotations": {"k8s.ovn.org/host-cidrs": "[\"192.0.2.21/26\",\"2001:db8::1/64\"]"}},
                 "status": {"addresses": [{"address": "192.0.2.21"}, {"address": "192.0.2.2"}]}},
                {"metadata": {"name": "b", "annotations": {"projectcalico.org/IPv4Address": "192.0.2.22/26"}},
                 "status": {"addresses": [{"address": "192.0.2.22"}]}},
                {"metadata": {"name": "c", "annotations": {"k8s.ovn.org/host-cidrs": "no list"}},
                 "status": {"addresses": [{"address": "192.0.2.23"}]}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let network = redactor.network("192.0.2.0/26").unwrap().0;
        let known: Vec<_> = address_rows(&nodes, &redactor)
            .into_iter()
            .filter_map(|row| Some((row.node, row.host, row.network?)))
            .collect();
        let expected = [("a", "192.0.2.21"), ("b", "192.0.2.22")].map(|(node, host)| {
            let node: NodeName = redactor.name(node);
            (node, redactor.host(host), network.clone())
        });
        assert_eq!(known, expected);
    }
}
