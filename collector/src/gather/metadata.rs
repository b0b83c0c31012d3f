//! The part of every Kubernetes object that all gatherers read.

use serde::Deserialize;
use truenas_common::redact::{Redactor, Uid};
use truenas_common::tables::code::WorkloadKind;
use truenas_common::time::Time;

/// Named fields of `metadata`; all other labels and annotations are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) uid: Option<String>,
    creation_timestamp: Option<String>,
    deletion_timestamp: Option<String>,
    finalizers: Option<Vec<String>>,
    owner_references: Option<Vec<Owner>>,
    pub(super) annotations: Option<Annotations>,
    labels: Option<Labels>,
    managed_fields: Option<Vec<ManagedFields>>,
}

/// Who wrote an object when; which fields, is not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ManagedFields {
    manager: String,
    subresource: Option<String>,
    time: Option<String>,
}

/// What an object belongs to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Owner {
    kind: String,
    pub(super) name: String,
    uid: String,
    controller: Option<bool>,
}

/// The labels that are looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Labels {
    #[serde(rename = "csi.storage.k8s.io/drivername")]
    pub(super) driver: Option<String>,
    #[serde(rename = "velero.io/backup-name")]
    pub(super) backup: Option<String>,
    #[serde(rename = "velero.io/schedule-name")]
    pub(super) schedule: Option<String>,
    #[serde(rename = "velero.io/pvc-uid")]
    pub(super) claim_uid: Option<String>,
    #[serde(rename = "velero.io/csi-volumesnapshot-class")]
    pub(super) velero_class: Option<String>,
    #[serde(rename = "pod-security.kubernetes.io/enforce")]
    pub(super) pod_security: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) env: Option<String>,
    pub(super) stage: Option<String>,
}

/// The annotations that are looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Annotations {
    #[serde(rename = "pv.kubernetes.io/provisioned-by")]
    pub(super) provisioned_by: Option<String>,
    #[serde(rename = "storageclass.kubernetes.io/is-default-class")]
    pub(super) is_default_class: Option<String>,
    #[serde(rename = "storageclass.beta.kubernetes.io/is-default-class")]
    pub(super) is_default_class_beta: Option<String>,
    #[serde(rename = "snapshot.storage.kubernetes.io/is-default-class")]
    pub(super) is_default_snapshot_class: Option<String>,
    #[serde(rename = "groupsnapshot.storage.kubernetes.io/is-default-class")]
    pub(super) is_default_group_snapshot_class: Option<String>,
    #[serde(rename = "snapshot.storage.kubernetes.io/volumesnapshot-being-created")]
    pub(super) is_being_created: Option<String>,
    #[serde(rename = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted")]
    pub(super) is_being_deleted: Option<String>,
    /// OVN-Kubernetes: a JSON list of addresses with their masks.
    #[serde(rename = "k8s.ovn.org/host-cidrs")]
    pub(super) host_cidrs: Option<String>,
    /// Calico: one address with its mask.
    #[serde(rename = "projectcalico.org/IPv4Address")]
    pub(super) calico_address: Option<String>,
    #[serde(rename = "helm.sh/resource-policy")]
    pub(super) helm_policy: Option<String>,
    #[serde(rename = "volume.kubernetes.io/storage-provisioner")]
    pub(super) storage_provisioner: Option<String>,
    #[serde(rename = "volume.beta.kubernetes.io/storage-provisioner")]
    pub(super) storage_provisioner_beta: Option<String>,
}

impl Metadata {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    pub(super) fn uid(&self, redactor: &Redactor) -> Uid {
        redactor.uid(self.uid.as_deref().unwrap_or_default())
    }

    /// Creation; the API server always sets it.
    pub(super) fn created_at(&self) -> Time {
        time(self.creation_timestamp.as_deref()).unwrap_or(Time::from_unix_secs(0))
    }

    pub(super) fn deleting_at(&self) -> Option<Time> {
        time(self.deletion_timestamp.as_deref())
    }

    pub(super) fn is_deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }

    /// A label that is not empty.
    pub(super) fn label(&self, pick: impl Fn(&Labels) -> &Option<String>) -> Option<&str> {
        filled(pick(self.labels.as_ref()?).as_ref())
    }

    /// An annotation that is not empty.
    pub(super) fn annotation(
        &self,
        pick: impl Fn(&Annotations) -> &Option<String>,
    ) -> Option<&str> {
        filled(pick(self.annotations.as_ref()?).as_ref())
    }

    /// The controlling owner; without one, an only owner.
    pub(super) fn owner(&self) -> Option<&Owner> {
        let owners = self.owner_references.as_deref().unwrap_or_default();
        let controller = owners.iter().find(|owner| owner.controller == Some(true));
        match owners {
            [only] => controller.or(Some(only)),
            _ => controller,
        }
    }

    /// When the status was last written.
    pub(super) fn status_changed_at(&self) -> Option<Time> {
        let entries = self.managed_fields.iter().flatten();
        let entries = entries.filter(|entry| entry.subresource.as_deref() == Some("status"));
        entries
            .filter_map(|entry| time(entry.time.as_deref()))
            .max()
    }

    /// When a manager last wrote the object itself.
    pub(super) fn written_at(&self, manager: &str) -> Option<Time> {
        let entries = self.managed_fields.iter().flatten();
        let entries =
            entries.filter(|entry| entry.manager == manager && entry.subresource.is_none());
        entries
            .filter_map(|entry| time(entry.time.as_deref()))
            .max()
    }

    /// When the object was last written by anybody.
    pub(super) fn last_written_at(&self) -> Option<Time> {
        let entries = self.managed_fields.iter().flatten();
        entries
            .filter_map(|entry| time(entry.time.as_deref()))
            .max()
    }

    pub(super) fn has_finalizer(&self, wanted: &[&str]) -> bool {
        self.finalizers().any(|name| wanted.contains(&name))
    }

    pub(super) fn finalizers(&self) -> impl Iterator<Item = &str> {
        self.finalizers.iter().flatten().map(String::as_str)
    }
}

impl Owner {
    pub(super) fn kind(&self) -> WorkloadKind {
        WorkloadKind::parse(&self.kind)
    }

    pub(super) fn uid(&self, redactor: &Redactor) -> Uid {
        redactor.uid(&self.uid)
    }
}

/// Reads a time that may be absent.
pub(super) fn time(text: Option<&str>) -> Option<Time> {
    text.and_then(Time::parse)
}

/// Text that is there and not empty.
pub(super) fn filled(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The last component of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
