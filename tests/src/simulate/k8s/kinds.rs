//! Resources that API servers serve: built in, and those of well-known custom resource definitions.

use serde_json::{Value, json};

/// One resource of one API group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// API group, empty for core.
    pub(super) group: String,
    /// Versions served, preferred first.
    pub(super) versions: Vec<String>,
    /// Plural name in paths.
    pub(super) resource: String,
    /// Name in objects.
    pub(super) kind: String,
    /// True when objects live in namespaces.
    pub(super) is_namespaced: bool,
    /// True for types compiled into the API server: their list items carry no `kind`.
    pub(super) is_built_in: bool,
}

impl Kind {
    /// Entry of a discovery document.
    pub(super) fn to_resource(&self) -> Value {
        json!({
            "name": self.resource, "singularName": self.kind.to_lowercase(), "namespaced": self.is_namespaced,
            "kind": self.kind, "verbs": self.verbs(),
        })
    }

    fn verbs(&self) -> &'static [&'static str] {
        match (self.group.as_str(), self.resource.as_str()) {
            ("", "bindings") => &["create"],
            ("", "componentstatuses") => &["get", "list"],
            ("", "namespaces") => &[
                "create", "delete", "get", "list", "patch", "update", "watch",
            ],
            _ => &[
                "create",
                "delete",
                "deletecollection",
                "get",
                "list",
                "patch",
                "update",
                "watch",
            ],
        }
    }
}

/// Group and version, then `resource kind` pairs; a leading `-` marks cluster scope.
type Family = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const BUILT_IN: &[Family] = &[
    (
        "",
        &["v1"],
        &[
            ("bindings", "Binding"),
            ("-componentstatuses", "ComponentStatus"),
            ("configmaps", "ConfigMap"),
            ("endpoints", "Endpoints"),
            ("events", "Event"),
            ("limitranges", "LimitRange"),
            ("-namespaces", "Namespace"),
            ("-nodes", "Node"),
            ("persistentvolumeclaims", "PersistentVolumeClaim"),
            ("-persistentvolumes", "PersistentVolume"),
            ("pods", "Pod"),
            ("podtemplates", "PodTemplate"),
            ("replicationcontrollers", "ReplicationController"),
            ("resourcequotas", "ResourceQuota"),
            ("secrets", "Secret"),
            ("serviceaccounts", "ServiceAccount"),
            ("services", "Service"),
        ],
    ),
    (
        "apiregistration.k8s.io",
        &["v1"],
        &[("-apiservices", "APIService")],
    ),
    (
        "apps",
        &["v1"],
        &[
            ("controllerrevisions", "ControllerRevision"),
            ("daemonsets", "DaemonSet"),
            ("deployments", "Deployment"),
            ("replicasets", "ReplicaSet"),
            ("statefulsets", "StatefulSet"),
        ],
    ),
    ("events.k8s.io", &["v1"], &[("events", "Event")]),
    ("authentication.k8s.io", &["v1"], &[]),
    ("authorization.k8s.io", &["v1"], &[]),
    (
        "autoscaling",
        &["v2", "v1"],
        &[("horizontalpodautoscalers", "HorizontalPodAutoscaler")],
    ),
    (
        "batch",
        &["v1"],
        &[("cronjobs", "CronJob"), ("jobs", "Job")],
    ),
    (
        "certificates.k8s.io",
        &["v1"],
        &[("-certificatesigningrequests", "CertificateSigningRequest")],
    ),
    (
        "networking.k8s.io",
        &["v1"],
        &[
            ("-ingressclasses", "IngressClass"),
            ("ingresses", "Ingress"),
            ("networkpolicies", "NetworkPolicy"),
        ],
    ),
    (
        "policy",
        &["v1"],
        &[("poddisruptionbudgets", "PodDisruptionBudget")],
    ),
    (
        "rbac.authorization.k8s.io",
        &["v1"],
        &[
            ("-clusterrolebindings", "ClusterRoleBinding"),
            ("-clusterroles", "ClusterRole"),
            ("rolebindings", "RoleBinding"),
            ("roles", "Role"),
        ],
    ),
    (
        "storage.k8s.io",
        &["v1"],
        &[
            ("-csidrivers", "CSIDriver"),
            ("-csinodes", "CSINode"),
            ("csistoragecapacities", "CSIStorageCapacity"),
            ("-storageclasses", "StorageClass"),
            ("-volumeattachments", "VolumeAttachment"),
            ("-volumeattributesclasses", "VolumeAttributesClass"),
        ],
    ),
    (
        "admissionregistration.k8s.io",
        &["v1"],
        &[
            (
                "-mutatingwebhookconfigurations",
                "MutatingWebhookConfiguration",
            ),
            (
                "-validatingwebhookconfigurations",
                "ValidatingWebhookConfiguration",
            ),
        ],
    ),
    (
        "apiextensions.k8s.io",
        &["v1"],
        &[("-customresourcedefinitions", "CustomResourceDefinition")],
    ),
    (
        "scheduling.k8s.io",
        &["v1"],
        &[("-priorityclasses", "PriorityClass")],
    ),
    ("coordination.k8s.io", &["v1"], &[("leases", "Lease")]),
    (
        "node.k8s.io",
        &["v1"],
        &[("-runtimeclasses", "RuntimeClass")],
    ),
    (
        "discovery.k8s.io",
        &["v1"],
        &[("endpointslices", "EndpointSlice")],
    ),
    (
        "resource.k8s.io",
        &["v1"],
        &[("resourceclaims", "ResourceClaim")],
    ),
    (
        "flowcontrol.apiserver.k8s.io",
        &["v1"],
        &[("-flowschemas", "FlowSchema")],
    ),
];

/// Groups that come as a whole: one object of one kind means that every kind of the group is installed.
const CUSTOM: &[Family] = &[
    (
        "snapshot.storage.k8s.io",
        &["v1"],
        &[
            ("volumesnapshots", "VolumeSnapshot"),
            ("-volumesnapshotclasses", "VolumeSnapshotClass"),
            ("-volumesnapshotcontents", "VolumeSnapshotContent"),
        ],
    ),
    (
        "groupsnapshot.storage.k8s.io",
        &["v1", "v1beta2", "v1beta1"],
        &[
            ("volumegroupsnapshots", "VolumeGroupSnapshot"),
            ("-volumegroupsnapshotclasses", "VolumeGroupSnapshotClass"),
            ("-volumegroupsnapshotcontents", "VolumeGroupSnapshotContent"),
        ],
    ),
    (
        "config.openshift.io",
        &["v1"],
        &[
            ("-clusterversions", "ClusterVersion"),
            ("-clusteroperators", "ClusterOperator"),
            ("-infrastructures", "Infrastructure"),
        ],
    ),
    (
        "security.openshift.io",
        &["v1"],
        &[("-securitycontextconstraints", "SecurityContextConstraints")],
    ),
    (
        "operators.coreos.com",
        &["v1alpha1"],
        &[
            ("clusterserviceversions", "ClusterServiceVersion"),
            ("subscriptions", "Subscription"),
        ],
    ),
    ("route.openshift.io", &["v1"], &[("routes", "Route")]),
    (
        "csi.truenas.io",
        &["v1alpha1"],
        &[("-truenascsis", "TrueNASCSI")],
    ),
    (
        "cdi.kubevirt.io",
        &["v1beta1"],
        &[("datavolumes", "DataVolume")],
    ),
    (
        "kubevirt.io",
        &["v1"],
        &[
            ("virtualmachineinstances", "VirtualMachineInstance"),
            ("virtualmachines", "VirtualMachine"),
        ],
    ),
    (
        "velero.io",
        &["v1"],
        &[
            ("backups", "Backup"),
            ("podvolumebackups", "PodVolumeBackup"),
            ("podvolumerestores", "PodVolumeRestore"),
            ("restores", "Restore"),
            ("schedules", "Schedule"),
        ],
    ),
    (
        "velero.io",
        &["v2alpha1"],
        &[
            ("datadownloads", "DataDownload"),
            ("datauploads", "DataUpload"),
        ],
    ),
    (
        "volsync.backube",
        &["v1alpha1"],
        &[
            ("replicationsources", "ReplicationSource"),
            ("replicationdestinations", "ReplicationDestination"),
        ],
    ),
];

/// Every kind compiled into the API server.
pub(super) fn built_in() -> Vec<Kind> {
    BUILT_IN
        .iter()
        .flat_map(|family| expand(family, true))
        .collect()
}

/// The kinds of a well-known group, empty for others.
pub(super) fn custom(group: &str) -> Vec<Kind> {
    CUSTOM
        .iter()
        .filter(|(name, ..)| *name == group)
        .flat_map(|family| expand(family, false))
        .collect()
}

/// Groups and versions that are served even without a resource, in discovery order.
pub(super) fn built_in_groups() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    BUILT_IN
        .iter()
        .filter(|(group, ..)| !group.is_empty())
        .map(|(group, versions, _)| (*group, *versions))
}

/// Plural of a kind whose definition is not known.
pub(super) fn plural(kind: &str) -> String {
    let singular = kind.to_lowercase();
    if singular.ends_with("ss")
        || singular.ends_with('x')
        || singular.ends_with("ch")
        || singular.ends_with("sh")
    {
        return format!("{singular}es");
    }
    match singular.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if singular.ends_with('s') => singular,
        _ => format!("{singular}s"),
    }
}

fn expand(family: &Family, is_built_in: bool) -> Vec<Kind> {
    let (group, versions, resources) = family;
    let to_kind = |(resource, kind): &(&str, &str)| Kind {
        group: (*group).to_owned(),
        versions: versions
            .iter()
            .map(|version| (*version).to_owned())
            .collect(),
        resource: resource.trim_start_matches('-').to_owned(),
        kind: (*kind).to_owned(),
        is_namespaced: !resource.starts_with('-'),
        is_built_in,
    };
    resources.iter().map(to_kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_follow_the_usual_rules() {
        assert_eq!(plural("VolumeSnapshotClass"), "volumesnapshotclasses");
        assert_eq!(plural("NetworkPolicy"), "networkpolicies");
        assert_eq!(plural("Backup"), "backups");
        assert_eq!(
            plural("SecurityContextConstraints"),
            "securitycontextconstraints"
        );
    }
}
