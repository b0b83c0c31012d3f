//! Every path that can be read from a Kubernetes API server.
//!
//! To read one more list, add one line here; the role manifest is generated from what the gatherers use.

/// One list of objects, over all namespaces; cannot be made outside this file:
///
/// ```compile_fail
/// use truenas_collector::source::{K8sList, k8s::NODES};
/// static SECRETS: K8sList = K8sList { path: "/api/v1/secrets", ..NODES };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct K8sList {
    group: &'static str,
    version: &'static str,
    resource: &'static str,
    path: &'static str,
    field_selector: Option<&'static str>,
    form: Form,
}

/// One single object, or a discovery document.
#[derive(Debug, PartialEq, Eq)]
pub struct K8sObject {
    group: &'static str,
    resource: &'static str,
    path: &'static str,
}

/// How much of each object the server is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Whole objects.
    Whole,
    /// Only `metadata`, for lists where names and owners are enough.
    Metadata,
}

impl K8sList {
    /// API group, empty for the core group.
    pub fn group(&self) -> &'static str {
        self.group
    }

    /// API version.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Plural resource name.
    pub fn resource(&self) -> &'static str {
        self.resource
    }

    /// Path on the server.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The server-side filter, if the list has one.
    pub fn field_selector(&self) -> Option<&'static str> {
        self.field_selector
    }

    /// Whole objects or metadata only.
    pub fn form(&self) -> Form {
        self.form
    }

    /// True when `kind` is that of this list, as the server writes it.
    pub(super) fn is_kind(&self, kind: &str) -> bool {
        match self.form {
            Form::Metadata => kind == "PartialObjectMetadataList",
            Form::Whole => kind
                .strip_suffix("List")
                .is_some_and(|kind| is_plural(self.resource, kind)),
        }
    }
}

impl K8sObject {
    /// API group, empty for the core group and for discovery.
    pub fn group(&self) -> &'static str {
        self.group
    }

    /// Plural resource name; empty for discovery, which every account may read.
    pub fn resource(&self) -> &'static str {
        self.resource
    }

    /// Path on the server.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// True when `kind` is that of this object; discovery documents may be of any.
    pub(super) fn is_kind(&self, kind: &str) -> bool {
        self.resource.is_empty() || is_plural(self.resource, kind)
    }
}

/// True when a resource is the plural of a kind, by the rule that Kubernetes itself guesses one from the other with.
fn is_plural(resource: &str, kind: &str) -> bool {
    let kind = kind.to_lowercase();
    match resource.strip_prefix(kind.as_str()) {
        Some(ending) => matches!(ending, "" | "s" | "es"),
        None => kind
            .strip_suffix('y')
            .is_some_and(|stem| resource.strip_prefix(stem) == Some("ies")),
    }
}

macro_rules! path {
    ("", $version:literal, $resource:literal) => {
        concat!("/api/", $version, "/", $resource)
    };
    ($group:literal, $version:literal, $resource:literal) => {
        concat!("/apis/", $group, "/", $version, "/", $resource)
    };
}

macro_rules! lists {
    ($($name:ident = $group:tt $version:literal $resource:literal $form:ident $($selector:literal)?, $doc:literal;)+) => {
        $(
            #[doc = $doc]
            pub static $name: K8sList = K8sList {
                group: $group,
                version: $version,
                resource: $resource,
                path: path!($group, $version, $resource),
                field_selector: lists!(@selector $($selector)?),
                form: Form::$form,
            };
        )+

        impl K8sList {
            /// Every list that can be read.
            pub const ALL: &'static [&'static Self] = &[$(&$name),+];
        }
    };
    (@selector) => { None };
    (@selector $selector:literal) => { Some($selector) };
}

lists! {
    PERSISTENT_VOLUMES = "" "v1" "persistentvolumes" Whole, "Persistent volumes.";
    PERSISTENT_VOLUME_CLAIMS = "" "v1" "persistentvolumeclaims" Whole, "Claims of all namespaces.";
    NAMESPACES = "" "v1" "namespaces" Whole, "Namespaces.";
    NODES = "" "v1" "nodes" Whole, "Nodes.";
    PODS = "" "v1" "pods" Whole, "Pods of all namespaces.";
    RESOURCE_QUOTAS = "" "v1" "resourcequotas" Whole, "Resource quotas of all namespaces.";
    EVENTS = "" "v1" "events" Whole, "Events of all namespaces.";
    VOLUME_EVENTS = "" "v1" "events" Whole "involvedObject.kind=PersistentVolume", "Events about volumes.";
    CLAIM_EVENTS = "" "v1" "events" Whole "involvedObject.kind=PersistentVolumeClaim", "Events about claims.";
    ATTACHMENT_EVENTS = "" "v1" "events" Whole "involvedObject.kind=VolumeAttachment", "Events about attachments.";
    SNAPSHOT_EVENTS = "" "v1" "events" Whole "involvedObject.kind=VolumeSnapshot", "Events about snapshots.";
    SNAPSHOT_CONTENT_EVENTS = "" "v1" "events" Whole "involvedObject.kind=VolumeSnapshotContent",
        "Events about snapshot contents.";
    POD_EVENTS = "" "v1" "events" Whole "involvedObject.kind=Pod", "Events about pods, mount failures among them.";
    STORAGE_CLASSES = "storage.k8s.io" "v1" "storageclasses" Whole, "Storage classes.";
    CSI_DRIVERS = "storage.k8s.io" "v1" "csidrivers" Whole, "CSI drivers.";
    CSI_NODES = "storage.k8s.io" "v1" "csinodes" Whole, "CSI drivers per node.";
    VOLUME_ATTACHMENTS = "storage.k8s.io" "v1" "volumeattachments" Whole, "Volume attachments.";
    CSI_STORAGE_CAPACITIES = "storage.k8s.io" "v1" "csistoragecapacities" Whole, "Capacity that drivers report.";
    VOLUME_ATTRIBUTES_CLASSES = "storage.k8s.io" "v1" "volumeattributesclasses" Whole, "Volume attributes classes.";
    VOLUME_SNAPSHOTS = "snapshot.storage.k8s.io" "v1" "volumesnapshots" Whole, "Snapshots of all namespaces.";
    VOLUME_SNAPSHOT_CONTENTS = "snapshot.storage.k8s.io" "v1" "volumesnapshotcontents" Whole, "Snapshot contents.";
    VOLUME_SNAPSHOT_CLASSES = "snapshot.storage.k8s.io" "v1" "volumesnapshotclasses" Whole, "Snapshot classes.";
    VOLUME_GROUP_SNAPSHOTS = "groupsnapshot.storage.k8s.io" "v1" "volumegroupsnapshots" Whole, "Group snapshots.";
    VOLUME_GROUP_SNAPSHOTS_BETA2 = "groupsnapshot.storage.k8s.io" "v1beta2" "volumegroupsnapshots" Whole,
        "Group snapshots, where only the second beta is served.";
    VOLUME_GROUP_SNAPSHOTS_BETA = "groupsnapshot.storage.k8s.io" "v1beta1" "volumegroupsnapshots" Whole,
        "Group snapshots, where only the first beta is served.";
    VOLUME_GROUP_SNAPSHOT_CONTENTS = "groupsnapshot.storage.k8s.io" "v1" "volumegroupsnapshotcontents" Whole,
        "Group snapshot contents.";
    VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA2 = "groupsnapshot.storage.k8s.io" "v1beta2" "volumegroupsnapshotcontents" Whole,
        "Group snapshot contents, where only the second beta is served.";
    VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA = "groupsnapshot.storage.k8s.io" "v1beta1" "volumegroupsnapshotcontents" Whole,
        "Group snapshot contents, where only the first beta is served.";
    VOLUME_GROUP_SNAPSHOT_CLASSES = "groupsnapshot.storage.k8s.io" "v1" "volumegroupsnapshotclasses" Whole,
        "Group snapshot classes.";
    VOLUME_GROUP_SNAPSHOT_CLASSES_BETA2 = "groupsnapshot.storage.k8s.io" "v1beta2" "volumegroupsnapshotclasses" Whole,
        "Group snapshot classes, where only the second beta is served.";
    VOLUME_GROUP_SNAPSHOT_CLASSES_BETA = "groupsnapshot.storage.k8s.io" "v1beta1" "volumegroupsnapshotclasses" Whole,
        "Group snapshot classes, where only the first beta is served.";
    DEPLOYMENTS = "apps" "v1" "deployments" Whole, "Deployments: driver controllers, owners of pods.";
    STATEFUL_SETS = "apps" "v1" "statefulsets" Whole, "Stateful sets: owners of claims, driver controllers.";
    DAEMON_SETS = "apps" "v1" "daemonsets" Whole, "Daemon sets: driver node parts.";
    REPLICA_SETS = "apps" "v1" "replicasets" Whole, "Replica sets: the hop from a pod to its deployment.";
    JOBS = "batch" "v1" "jobs" Whole, "Jobs: owners of pods, and claims that suspended ones will use.";
    CRON_JOBS = "batch" "v1" "cronjobs" Whole, "Cron jobs: owners of jobs, and claims that the next run will use.";
    LEASES = "coordination.k8s.io" "v1" "leases" Whole, "Leases: which driver controller leads.";
    CLUSTER_ROLES = "rbac.authorization.k8s.io" "v1" "clusterroles" Whole, "Cluster roles, only when asked for.";
    CLUSTER_ROLE_BINDINGS = "rbac.authorization.k8s.io" "v1" "clusterrolebindings" Whole,
        "Cluster role bindings, only when asked for.";
    CLUSTER_OPERATORS = "config.openshift.io" "v1" "clusteroperators" Whole, "Health of the platform's operators.";
    SECURITY_CONTEXT_CONSTRAINTS = "security.openshift.io" "v1" "securitycontextconstraints" Whole,
        "Security context constraints.";
    CLUSTER_SERVICE_VERSIONS = "operators.coreos.com" "v1alpha1" "clusterserviceversions" Metadata,
        "Installed operators.";
    TRUENAS_CSIS = "csi.truenas.io" "v1alpha1" "truenascsis" Whole, "The TrueNAS driver's own configuration.";
    DATA_VOLUMES = "cdi.kubevirt.io" "v1beta1" "datavolumes" Whole, "Data volumes: owners of claims.";
    VIRTUAL_MACHINES = "kubevirt.io" "v1" "virtualmachines" Whole, "Virtual machines and the claims they use.";
    VELERO_BACKUPS = "velero.io" "v1" "backups" Whole, "Backups of Velero.";
    VELERO_RESTORES = "velero.io" "v1" "restores" Whole, "Restores of Velero.";
    VELERO_SCHEDULES = "velero.io" "v1" "schedules" Whole, "Backup schedules of Velero.";
    VELERO_POD_VOLUME_BACKUPS = "velero.io" "v1" "podvolumebackups" Whole, "Copies of files of pod volumes.";
    VELERO_POD_VOLUME_RESTORES = "velero.io" "v1" "podvolumerestores" Whole, "Files written back to pod volumes.";
    VELERO_DATA_UPLOADS = "velero.io" "v2alpha1" "datauploads" Whole, "Data of snapshots on its way to a store.";
    VELERO_DATA_DOWNLOADS = "velero.io" "v2alpha1" "datadownloads" Whole, "Data on its way back to a volume.";
}

macro_rules! objects {
    ($($name:ident = $group:literal $resource:literal $path:literal, $doc:literal;)+) => {
        $(
            #[doc = $doc]
            pub static $name: K8sObject = K8sObject { group: $group, resource: $resource, path: $path };
        )+

        impl K8sObject {
            /// Every object that can be read, discovery included.
            pub const ALL: &'static [&'static Self] = &[$(&$name),+];
        }
    };
}

objects! {
    SERVER_VERSION = "" "" "/version", "Version of the API server.";
    CORE_VERSIONS = "" "" "/api", "Versions of the core group.";
    API_GROUPS = "" "" "/apis", "Served groups and their versions.";
    KUBE_SYSTEM = "" "namespaces" "/api/v1/namespaces/kube-system", "Its uid is the identity of a cluster.";
    CLUSTER_VERSION = "config.openshift.io" "clusterversions" "/apis/config.openshift.io/v1/clusterversions/version",
        "Version and identity of an OpenShift cluster.";
    INFRASTRUCTURE = "config.openshift.io" "infrastructures" "/apis/config.openshift.io/v1/infrastructures/cluster",
        "Platform of an OpenShift cluster.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_from_group_version_and_resource() {
        for list in K8sList::ALL {
            let expected = match list.group() {
                "" => format!("/api/{}/{}", list.version(), list.resource()),
                group => format!("/apis/{group}/{}/{}", list.version(), list.resource()),
            };
            assert_eq!(list.path(), expected);
        }
    }

    #[test]
    fn list_is_known_by_its_kind_and_told_from_others() {
        for (list, kind) in [
            (&PERSISTENT_VOLUMES, "PersistentVolumeList"),
            (&STORAGE_CLASSES, "StorageClassList"),
            (&CSI_STORAGE_CAPACITIES, "CSIStorageCapacityList"),
            (
                &SECURITY_CONTEXT_CONSTRAINTS,
                "SecurityContextConstraintsList",
            ),
            (&CLUSTER_SERVICE_VERSIONS, "PartialObjectMetadataList"),
            (&TRUENAS_CSIS, "TrueNASCSIList"),
        ] {
            assert!(list.is_kind(kind), "{kind}");
            let others = ["Status", "List", "SecretList", "PersistentVolume", ""];
            assert!(others.iter().all(|other| !list.is_kind(other)), "{kind}");
        }
        assert!(KUBE_SYSTEM.is_kind("Namespace") && !KUBE_SYSTEM.is_kind("NamespaceList"));
        assert!(SERVER_VERSION.is_kind(""));
    }

    #[test]
    fn no_path_leads_to_secrets_streams_or_proxies() {
        let paths = K8sList::ALL
            .iter()
            .map(|list| list.path())
            .chain(K8sObject::ALL.iter().map(|object| object.path()));
        for path in paths {
            for word in [
                "secret",
                "configmap",
                "proxy",
                "/log",
                "exec",
                "portforward",
                "attach/",
                "watch",
                "token",
                "?",
            ] {
                assert!(!path.contains(word), "{path}");
            }
            assert!(
                path.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "./-".contains(c)),
                "{path}"
            );
        }
    }

    #[test]
    fn no_list_is_declared_twice() {
        let mut seen: Vec<_> = K8sList::ALL
            .iter()
            .map(|list| (list.path(), list.field_selector()))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), K8sList::ALL.len());
    }
}
