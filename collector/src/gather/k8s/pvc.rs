//! Persistent volume claims.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::code::{
    AccessMode, ClaimCondition, Phase, ResizeStatus, SourceObject, VolumeMode,
};
use truenas_common::tables::{K8sPvc, K8sPvcCondition};

use crate::gather::condition::Condition;
use crate::gather::metadata::{Metadata, filled};
use crate::gather::naming::VolumeNamings;
use crate::gather::{Gatherer, Read, quantity};
use crate::source::k8s::PERSISTENT_VOLUME_CLAIMS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/pvc",
    why: "Sizes, phases and conditions of claims, what they were made from, and the volume names they lead to.",
    reads: &[Read::K8s(&PERSISTENT_VOLUME_CLAIMS)],
    tables: &["k8s_pvc", "k8s_pvc_condition"],
};

/// Set while something is made of the claim.
const SOURCE_FINALIZERS: &[&str] = &[
    "provisioner.storage.kubernetes.io/cloning-protection",
    "snapshot.storage.kubernetes.io/pvc-as-source-protection",
];

/// A claim.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Pvc {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    resources: Option<Resources>,
    storage_class_name: Option<String>,
    volume_name: Option<String>,
    volume_mode: Option<String>,
    access_modes: Option<Vec<String>>,
    data_source: Option<Source>,
    data_source_ref: Option<Source>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resources {
    requests: Option<Storage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Storage {
    storage: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Source {
    kind: String,
    name: String,
    namespace: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    capacity: Option<Storage>,
    allocated_resources: Option<Storage>,
    allocated_resource_statuses: Option<Storage>,
    conditions: Option<Vec<Condition>>,
}

/// One row a claim.
pub(in crate::gather) fn rows(
    claims: &[Pvc],
    namings: &VolumeNamings,
    redactor: &Redactor,
) -> Vec<K8sPvc> {
    claims
        .iter()
        .map(|claim| row(claim, namings, redactor))
        .collect()
}

/// One row for each known condition of a claim.
pub(in crate::gather) fn condition_rows(
    claims: &[Pvc],
    redactor: &Redactor,
) -> Vec<K8sPvcCondition> {
    let of_claim = |claim: &Pvc| {
        let conditions = claim.status.conditions.iter().flatten();
        let rows = conditions.filter_map(|condition| {
            let kind = ClaimCondition::parse(&condition.r#type);
            (kind != ClaimCondition::Other).then(|| K8sPvcCondition {
                claim_uid: claim.metadata.uid(redactor),
                condition: kind,
                is_true: condition.is_true(),
                changed_at: condition.changed_at(),
            })
        });
        rows.collect::<Vec<_>>()
    };
    claims.iter().flat_map(of_claim).collect()
}

fn row(claim: &Pvc, namings: &VolumeNamings, redactor: &Redactor) -> K8sPvc {
    let (metadata, spec, status) = (&claim.metadata, &claim.spec, &claim.status);
    let bytes = |storage: &Storage| quantity::bytes(storage.storage.as_deref()?);
    let (stem, ordinal) = match stem(metadata.name()) {
        Some((stem, ordinal)) => (Some(redactor.name(stem)), Some(ordinal)),
        None => (None, None),
    };
    let provisioner = metadata
        .annotation(|annotations| &annotations.storage_provisioner)
        .or_else(|| metadata.annotation(|annotations| &annotations.storage_provisioner_beta));
    let naming = namings.of(provisioner);
    let source = spec.data_source_ref.as_ref().or(spec.data_source.as_ref());
    let source_kind = source.map(|source| SourceObject::parse(&source.kind));
    // A source in another namespace has a name that joins nothing here.
    let own_source = source.filter(|source| {
        filled(source.namespace.as_ref()).is_none_or(|ns| ns == metadata.namespace())
    });
    let source_name = |kind| {
        own_source
            .filter(|_| source_kind == Some(kind))
            .map(|source| source.name.as_str())
    };
    K8sPvc {
        namespace: redactor.name(metadata.namespace()),
        name: redactor.name(metadata.name()),
        uid: metadata.uid(redactor),
        created_at: metadata.created_at(),
        node_selected_at: metadata.written_at("kube-scheduler"),
        deleting_at: metadata.deleting_at(),
        phase: Phase::parse(status.phase.as_deref().unwrap_or("Pending")),
        request_bytes: spec
            .resources
            .as_ref()
            .and_then(|resources| bytes(resources.requests.as_ref()?)),
        capacity_bytes: status.capacity.as_ref().and_then(bytes),
        allocated_bytes: status.allocated_resources.as_ref().and_then(bytes),
        resize_status: status
            .allocated_resource_statuses
            .as_ref()
            .and_then(|statuses| filled(statuses.storage.as_ref()))
            .map(ResizeStatus::parse),
        storage_class: filled(spec.storage_class_name.as_ref()).map(|name| redactor.name(name)),
        volume_name: filled(spec.volume_name.as_ref()).map(|name| redactor.leaf(name)),
        expected_volume: redactor
            .leaf(&naming.volume_name(metadata.uid.as_deref().unwrap_or_default())),
        volume_mode: VolumeMode::parse(spec.volume_mode.as_deref().unwrap_or("Filesystem")),
        access_mode: AccessMode::widest(spec.access_modes.iter().flatten().map(String::as_str)),
        has_protection_finalizer: Some(metadata.has_finalizer(&["kubernetes.io/pvc-protection"])),
        has_source_finalizer: Some(metadata.has_finalizer(SOURCE_FINALIZERS)),
        has_keep_policy: Some(
            metadata.annotation(|annotations| &annotations.helm_policy) == Some("keep"),
        ),
        stem,
        ordinal,
        source_kind,
        source_claim: source_name(SourceObject::Claim).map(|name| redactor.name(name)),
        source_snapshot: source_name(SourceObject::Snapshot).map(|name| redactor.name(name)),
    }
}

/// Cuts the ordinal that a StatefulSet appends.
fn stem(name: &str) -> Option<(&str, i64)> {
    let (stem, ordinal) = name.rsplit_once('-')?;
    let is_plain = ordinal == "0" || !ordinal.starts_with('0');
    let is_number = !ordinal.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit());
    if stem.is_empty() || !is_plain || !is_number {
        return None;
    }
    Some((stem, ordinal.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn claim_leads_to_its_volume_and_its_source() {
        let claim: Pvc = serde_json::from_str(
            r#"{"metadata": {"name": "data-postgres-0", "namespace": "db", "uid": "0505b078-9802-44c8-9f12-6d1271cd50eb",
                 "creationTimestamp": "2026-03-02T08:15:11Z"},
                "spec": {"resources": {"requests": {"storage": "8Gi"}}, "storageClassName": "truenas-iscsi",
                 "volumeName": "pvc-0505b078-9802-44c8-9f12-6d1271cd50eb", "accessModes": ["ReadWriteOnce"],
                 "dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "pg-weekly"}},
                "status": {"phase": "Bound", "capacity": {"storage": "8Gi"}}}"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = &rows(&[claim], &VolumeNamings::default(), &redactor)[0];
        assert_eq!(row.volume_name.as_ref(), Some(&row.expected_volume));
        assert_eq!(row.ordinal, Some(0));
        assert_eq!(row.stem, Some(redactor.name("data-postgres")));
        assert_eq!(row.source_snapshot, Some(redactor.name("pg-weekly")));
        assert_eq!(
            (row.source_claim.as_ref(), row.request_bytes),
            (None, Some(8 << 30))
        );
    }

    #[test]
    fn expansion_that_hangs_shows_its_step_and_since_when() {
        let claim: Pvc = serde_json::from_str(
            r#"{"metadata": {"name": "data-0", "uid": "0505b078-9802-44c8-9f12-6d1271cd50eb"}, "status": {"phase": "Bound",
                "capacity": {"storage": "8Gi"}, "allocatedResources": {"storage": "16Gi"},
                "allocatedResourceStatuses": {"storage": "NodeResizePending"},
                "conditions": [{"type": "FileSystemResizePending", "status": "True",
                   "lastTransitionTime": "2026-03-06T09:00:05Z", "message": "names somebody"},
                  {"type": "SomethingNew", "status": "True"}, {"type": "Unused", "status": "False"}]}}"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let conditions = condition_rows(std::slice::from_ref(&claim), &redactor);
        let kinds: Vec<_> = conditions
            .iter()
            .map(|row| (row.condition, row.is_true))
            .collect();
        let expected = [
            (ClaimCondition::FileSystemResizePending, true),
            (ClaimCondition::Unused, false),
        ];
        assert_eq!(kinds, expected);
        assert!(conditions[0].changed_at.is_some() && conditions[1].changed_at.is_none());
        let row = &rows(&[claim], &VolumeNamings::default(), &redactor)[0];
        assert_eq!(row.allocated_bytes, Some(16 << 30));
        assert_eq!(row.resize_status, Some(ResizeStatus::NodeResizePending));
    }

    #[test]
    fn what_holds_a_claim_is_visible() {
        let claims: Vec<Pvc> = serde_json::from_str(
            r#"[{"metadata": {"name": "a", "uid": "u", "annotations": {"helm.sh/resource-policy": "keep"},
                  "finalizers": ["kubernetes.io/pvc-protection", "snapshot.storage.kubernetes.io/pvc-as-source-protection"],
                  "managedFields": [{"manager": "kube-scheduler", "operation": "Update", "time": "2026-03-02T09:00:00Z"},
                   {"manager": "kube-controller-manager", "subresource": "status", "time": "2026-03-02T10:00:00Z"}]}},
                {"metadata": {"name": "b", "uid": "v", "finalizers": ["example.net/own"]}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&claims, &VolumeNamings::default(), &redactor);
        assert_eq!(rows[0].has_protection_finalizer, Some(true));
        assert_eq!(rows[0].has_source_finalizer, Some(true));
        assert_eq!(rows[0].has_keep_policy, Some(true));
        let selected_at = rows[0].node_selected_at.unwrap();
        assert_eq!(selected_at.to_string(), "2026-03-02T09:00:00Z");
        assert_eq!(rows[1].has_protection_finalizer, Some(false));
        assert_eq!(
            (rows[1].has_source_finalizer, rows[1].node_selected_at),
            (Some(false), None)
        );
    }

    #[test]
    fn only_a_plain_number_is_an_ordinal() {
        assert_eq!(stem("data-web-12"), Some(("data-web", 12)));
        assert_eq!(stem("data-web-01"), None);
        assert_eq!(stem("media"), None);
        assert_eq!(stem("a-"), None);
    }
}
