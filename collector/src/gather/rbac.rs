//! What a site must grant, generated from the gatherers.
//!
//! The rights do not depend on the profile: `standard` and `open` read the same and differ in what happens to names.

mod truenas;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{ALL, Read};

pub use truenas::{truenas_grant, truenas_methods, truenas_roles};

/// The cluster role of the collector; OpenShift's own groups are in it only there.
pub fn cluster_role(openshift: bool) -> String {
    let mut lists: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut objects: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for read in reads() {
        match read {
            Read::K8s(list) if is_granted(list.group(), openshift) => {
                lists
                    .entry(list.group())
                    .or_default()
                    .insert(list.resource());
            }
            Read::K8sObject(object)
                if !object.resource().is_empty() && is_granted(object.group(), openshift) =>
            {
                let name = object.path().rsplit('/').next().unwrap_or_default();
                objects.insert((object.group(), object.resource(), name));
            }
            _ => {}
        }
    }
    let mut yaml = String::from(
        "# Printed by `truenas-collector rbac`: what the gatherers declare, and nothing else.\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: truenas-collector-reader\n  labels:\n    app.kubernetes.io/part-of: truenas-storage-monitor\nrules:\n",
    );
    for (group, resources) in lists {
        let _ = writeln!(yaml, "  - apiGroups: [\"{group}\"]\n    resources:");
        for resource in resources {
            let _ = writeln!(yaml, "      - {resource}");
        }
        yaml.push_str("    verbs: [\"get\", \"list\"]\n");
    }
    for (group, resource, name) in objects {
        let _ = write!(
            yaml,
            "  - apiGroups: [\"{group}\"]\n    resources:\n      - {resource}\n    resourceNames: [\"{name}\"]\n    verbs: [\"get\"]\n"
        );
    }
    yaml
}

/// The binding that lets the collector's account read the cluster's metrics: a role of OpenShift, not one of ours.
pub fn monitoring_binding() -> &'static str {
    "# Printed by `truenas-collector rbac --thanos`: only for a configuration with `thanos`.\n\
     apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: truenas-collector-monitoring\n  labels:\n    app.kubernetes.io/part-of: truenas-storage-monitor\n\
     roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: cluster-monitoring-view\n\
     subjects:\n  - kind: ServiceAccount\n    name: truenas-collector\n    namespace: truenas-collector\n"
}

fn reads() -> impl Iterator<Item = Read> {
    ALL.iter()
        .flat_map(|gatherer| gatherer.reads.iter().copied())
}

fn is_granted(group: &str, openshift: bool) -> bool {
    openshift || !group.ends_with(".openshift.io")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_reads_and_nothing_else() {
        for openshift in [false, true] {
            let yaml = cluster_role(openshift);
            assert!(!yaml.contains("{{") && !yaml.contains("secrets") && !yaml.contains('*'));
            for line in yaml.lines().filter(|line| line.contains("verbs")) {
                assert!(
                    line.ends_with("[\"get\", \"list\"]") || line.ends_with("[\"get\"]"),
                    "{line}"
                );
            }
            assert!(yaml.contains("      - persistentvolumes\n"));
            assert!(yaml.contains("resourceNames: [\"kube-system\"]"));
        }
    }

    #[test]
    fn shipped_role_is_the_generated_one() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/deploy/openshift/20-clusterrole.yaml"
        );
        let shipped = std::fs::read_to_string(path).unwrap();
        let generated = cluster_role(true);
        let rules = |yaml: &str| yaml.split_once("\nrules:\n").unwrap().1.to_owned();
        if std::env::var_os("UPDATE").is_some() {
            let head = shipped.split_once("\nrules:\n").unwrap().0;
            let text = format!("{head}\nrules:\n{}", rules(&generated));
            std::fs::write(path, text).unwrap();
            return;
        }
        assert_eq!(rules(&shipped), rules(&generated));
    }

    #[test]
    fn metrics_need_a_role_of_the_platform_and_nodes_are_never_asked() {
        assert!(monitoring_binding().contains("name: cluster-monitoring-view\n"));
        assert!(!cluster_role(true).contains("nodes/"));
    }
}
