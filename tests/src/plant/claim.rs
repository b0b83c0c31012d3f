//! Claims that are made beside those of the estate.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::scene::Day;
use super::volume::Volume;

/// Moment as the API server writes it.
pub(super) fn rfc3339(second: i64) -> String {
    Timestamp::from_second(second)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// Metadata of an object that is made here.
pub(super) fn metadata(name: &str, namespace: Option<&str>, uid: &str, created: i64) -> Value {
    let mut metadata = json!({
        "name": name, "uid": uid, "resourceVersion": (created - 1_700_000_000).to_string(),
        "creationTimestamp": rfc3339(created),
    });
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

/// A claim that nobody has given a volume yet, in the namespace and of the class of a volume.
pub(super) fn pending(beside: &Volume, name: &str, uid: &str, created: i64) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": name, "namespace": beside.namespace, "uid": uid,
            "resourceVersion": (created - 1_700_000_000).to_string(), "creationTimestamp": rfc3339(created),
            "finalizers": ["kubernetes.io/pvc-protection"],
            "annotations": {
                "volume.beta.kubernetes.io/storage-provisioner": beside.share.driver(),
                "volume.kubernetes.io/storage-provisioner": beside.share.driver(),
            },
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}},
            "storageClassName": beside.share.class(), "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    })
}

/// A warning of a provisioner about a claim, seen again and again since `created`.
pub(super) fn refusal(claim: &Value, driver: &str, message: &str, uid: &str, now: i64) -> Value {
    let metadata = &claim["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    let (first, last) = (rfc3339(now - 3_300), rfc3339(now - 60));
    json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {
            "name": format!("{name}.18a9{}", &uid[uid.len() - 4..]), "namespace": metadata["namespace"], "uid": uid,
            "resourceVersion": (now - 1_700_000_000).to_string(), "creationTimestamp": first,
        },
        "involvedObject": {
            "kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": metadata["namespace"], "name": name,
            "uid": metadata["uid"],
        },
        "reason": "ProvisioningFailed", "type": "Warning",
        "message": format!("failed to provision volume with StorageClass: rpc error: code = Internal desc = {message}"),
        "source": {"component": format!("{driver}_controller_1f2e3d4c-0000-4000-8000-aaaaaaaaaaaa")},
        "reportingComponent": driver, "reportingInstance": "", "firstTimestamp": first, "lastTimestamp": last,
        "count": 24, "eventTime": null,
    })
}

/// Gives a volume another size on the Kubernetes side: its PV and its claim.
pub(super) fn resize(day: &mut Day, volume: &Volume, gib: u64) -> Option<()> {
    let size = json!(format!("{gib}Gi"));
    let pv = day.object("persistentvolumes", &volume.pv)?;
    pv["spec"]["capacity"]["storage"] = size.clone();
    let claim = day.object("persistentvolumeclaims", &volume.claim_key())?;
    claim["spec"]["resources"]["requests"]["storage"] = size.clone();
    claim["status"]["capacity"]["storage"] = size;
    Some(())
}
