//! Every path that can be read from a Kubernetes API server.
//!
//! To read one more list, add one line here and name it in the gatherer that reads it: the role manifest is generated
//! from the gatherers, and a test compares the two.

/// One list of objects, over all namespaces; cannot be made outside this file:
///
/// ```compile_fail,E0451
/// use truenas_collector::source::k8s::{K8sList, PODS};
/// static SECRETS: K8sList = K8sList { resource: "secrets", path: "/api/v1/secrets", ..PODS };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct K8sList {
    group: &'static str,
    version: &'static str,
    resource: &'static str,
    path: &'static str,
}

/// One single object, or a discovery document.
#[derive(Debug, PartialEq, Eq)]
pub struct K8sObject {
    group: &'static str,
    resource: &'static str,
    path: &'static str,
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

    /// True when a server can have the group without this list; the others are there where their group is.
    pub fn is_optional(&self) -> bool {
        !WHOLE_GROUPS.contains(&self.group) || YOUNG_LISTS.contains(&self.resource)
    }

    /// True when `kind` is that of this list, as the server writes it.
    pub(super) fn is_kind(&self, kind: &str) -> bool {
        kind.strip_suffix("List")
            .is_some_and(|kind| is_plural(self.resource, kind))
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

    /// True when a server can have the group without this object.
    pub fn is_optional(&self) -> bool {
        !WHOLE_GROUPS.contains(&self.group)
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

/// Groups that come whole: those of the API server, and the snapshot API, whose three kinds are installed together.
const WHOLE_GROUPS: &[&str] = &[
    "",
    "apps",
    "batch",
    "coordination.k8s.io",
    "rbac.authorization.k8s.io",
    "snapshot.storage.k8s.io",
    "storage.k8s.io",
];

/// Lists of those groups that came later than the rest of their version.
const YOUNG_LISTS: &[&str] = &["csistoragecapacities", "volumeattributesclasses"];

macro_rules! path {
    ("", $version:literal, $resource:literal) => {
        concat!("/api/", $version, "/", $resource)
    };
    ($group:literal, $version:literal, $resource:literal) => {
        concat!("/apis/", $group, "/", $version, "/", $resource)
    };
}

macro_rules! lists {
    ($($name:ident = $group:tt $version:literal $resource:literal, $doc:literal;)+) => {
        $(
            #[doc = $doc]
            pub static $name: K8sList = K8sList {
                group: $group,
                version: $version,
                resource: $resource,
                path: path!($group, $version, $resource),
            };
        )+

        impl K8sList {
            /// Every list that can be read.
            pub const ALL: &'static [&'static Self] = &[$(&$name),+];
        }
    };
}

lists! {
    PERSISTENT_VOLUMES = "" "v1" "persistentvolumes", "Persistent volumes.";
    PERSISTENT_VOLUME_CLAIMS = "" "v1" "persistentvolumeclaims", "Claims of all namespaces.";
    NAMESPACES = "" "v1" "namespaces", "Namespaces.";
    NODES = "" "v1" "nodes", "Nodes.";
    PODS = "" "v1" "pods", "Pods of all namespaces.";
    RESOURCE_QUOTAS = "" "v1" "resourcequotas", "Resource quotas of all namespaces.";
    EVENTS = "" "v1" "events", "Events of all namespaces.";
    STORAGE_CLASSES = "storage.k8s.io" "v1" "storageclasses", "Storage classes.";
    CSI_DRIVERS = "storage.k8s.io" "v1" "csidrivers", "CSI drivers.";
    CSI_NODES = "storage.k8s.io" "v1" "csinodes", "CSI drivers per node.";
    VOLUME_ATTACHMENTS = "storage.k8s.io" "v1" "volumeattachments", "Volume attachments.";
    CSI_STORAGE_CAPACITIES = "storage.k8s.io" "v1" "csistoragecapacities", "Capacity that drivers report.";
    VOLUME_ATTRIBUTES_CLASSES = "storage.k8s.io" "v1" "volumeattributesclasses", "Volume attributes classes.";
    VOLUME_SNAPSHOTS = "snapshot.storage.k8s.io" "v1" "volumesnapshots", "Snapshots of all namespaces.";
    VOLUME_SNAPSHOT_CONTENTS = "snapshot.storage.k8s.io" "v1" "volumesnapshotcontents", "Snapshot contents.";
    VOLUME_SNAPSHOT_CLASSES = "snapshot.storage.k8s.io" "v1" "volumesnapshotclasses", "Snapshot classes.";
    VOLUME_GROUP_SNAPSHOTS = "groupsnapshot.storage.k8s.io" "v1" "volumegroupsnapshots", "Group snapshots.";
    VOLUME_GROUP_SNAPSHOTS_BETA2 = "groupsnapshot.storage.k8s.io" "v1beta2" "volumegroupsnapshots",
        "Group snapshots, where only the second beta is served.";
    VOLUME_GROUP_SNAPSHOTS_BETA = "groupsnapshot.storage.k8s.io" "v1beta1" "volumegroupsnapshots",
        "Group snapshots, where only the first beta is served.";
    VOLUME_GROUP_SNAPSHOT_CONTENTS = "groupsnapshot.storage.k8s.io" "v1" "volumegroupsnapshotcontents",
        "Group snapshot contents.";
    VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA2 = "groupsnapshot.storage.k8s.io" "v1beta2" "volumegroupsnapshotcontents",
        "Group snapshot contents, where only the second beta is served.";
    VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA = "groupsnapshot.storage.k8s.io" "v1beta1" "volumegroupsnapshotcontents",
        "Group snapshot contents, where only the first beta is served.";
    VOLUME_GROUP_SNAPSHOT_CLASSES = "groupsnapshot.storage.k8s.io" "v1" "volumegroupsnapshotclasses",
        "Group snapshot classes.";
    VOLUME_GROUP_SNAPSHOT_CLASSES_BETA2 = "groupsnapshot.storage.k8s.io" "v1beta2" "volumegroupsnapshotclasses",
        "Group snapshot classes, where only the second beta is served.";
    VOLUME_GROUP_SNAPSHOT_CLASSES_BETA = "groupsnapshot.storage.k8s.io" "v1beta1" "volumegroupsnapshotclasses",
        "Group snapshot classes, where only the first beta is served.";
    DEPLOYMENTS = "apps" "v1" "deployments", "Deployments: driver controllers, owners of pods.";
    STATEFUL_SETS = "apps" "v1" "statefulsets", "Stateful sets: owners of claims, driver controllers.";
    DAEMON_SETS = "apps" "v1" "daemonsets", "Daemon sets: driver node parts.";
    REPLICA_SETS = "apps" "v1" "replicasets", "Replica sets: the hop from a pod to its deployment.";
    JOBS = "batch" "v1" "jobs", "Jobs: owners of pods, and claims that suspended ones will use.";
    CRON_JOBS = "batch" "v1" "cronjobs", "Cron jobs: owners of jobs, and claims that the next run will use.";
    LEASES = "coordination.k8s.io" "v1" "leases", "Leases of all namespaces.";
    CLUSTER_OPERATORS = "config.openshift.io" "v1" "clusteroperators", "Health of the platform's operators.";
    TRUENAS_CSIS = "csi.truenas.io" "v1alpha1" "truenascsis", "The TrueNAS driver's own configuration.";
    DATA_VOLUMES = "cdi.kubevirt.io" "v1beta1" "datavolumes", "Data volumes: owners of claims.";
    VIRTUAL_MACHINES = "kubevirt.io" "v1" "virtualmachines", "Virtual machines and the claims they use.";
    VELERO_BACKUPS = "velero.io" "v1" "backups", "Backups of Velero.";
    VELERO_RESTORES = "velero.io" "v1" "restores", "Restores of Velero.";
    VELERO_SCHEDULES = "velero.io" "v1" "schedules", "Backup schedules of Velero.";
    VELERO_POD_VOLUME_BACKUPS = "velero.io" "v1" "podvolumebackups", "Copies of files of pod volumes.";
    VELERO_POD_VOLUME_RESTORES = "velero.io" "v1" "podvolumerestores", "Files written back to pod volumes.";
    VELERO_DATA_UPLOADS = "velero.io" "v2alpha1" "datauploads", "Data of snapshots on its way to a store.";
    VELERO_DATA_DOWNLOADS = "velero.io" "v2alpha1" "datadownloads", "Data on its way back to a volume.";
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
    fn what_every_cluster_has_is_not_optional() {
        for list in [
            &PODS,
            &PERSISTENT_VOLUMES,
            &STORAGE_CLASSES,
            &JOBS,
            &VOLUME_SNAPSHOT_CONTENTS,
        ] {
            assert!(!list.is_optional(), "{}", list.path());
        }
        for list in [
            &VELERO_BACKUPS,
            &CLUSTER_OPERATORS,
            &VOLUME_ATTRIBUTES_CLASSES,
            &CSI_STORAGE_CAPACITIES,
        ] {
            assert!(list.is_optional(), "{}", list.path());
        }
        assert!(!KUBE_SYSTEM.is_optional() && CLUSTER_VERSION.is_optional());
    }

    #[test]
    fn no_list_is_declared_twice() {
        let mut seen: Vec<_> = K8sList::ALL.iter().map(|list| list.path()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), K8sList::ALL.len());
    }
}
