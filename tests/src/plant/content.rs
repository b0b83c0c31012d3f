//! VolumeSnapshots with their contents, as the snapshotter makes them.

use serde_json::{Value, json};

use super::remade::{fill, remake, respell};
use super::scene::Day;
use super::volume::{Share, Volume};

/// A snapshot of a volume that somebody asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked<'a> {
    pub volume: &'a Volume,
    /// Uid of the VolumeSnapshot.
    pub uid: &'a str,
    /// When it was asked for, Unix seconds.
    pub created: i64,
    pub is_detached: bool,
}

impl Asked<'_> {
    /// What stands behind the `@`, or behind the `/` of a detached one.
    pub(super) fn snapshot(&self) -> String {
        format!("snapshot-{}", self.uid)
    }

    /// Name of the content.
    pub(super) fn content(&self) -> String {
        format!("snapcontent-{}", self.uid)
    }

    /// Name of the VolumeSnapshot.
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.volume.claim, &self.uid[self.uid.len() - 4..])
    }

    /// `namespace/name` of the VolumeSnapshot.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.volume.namespace, self.name())
    }

    fn class(&self) -> String {
        let kind = if self.is_detached { "-detached" } else { "" };
        format!("{}-snap{kind}", self.volume.share.class())
    }
}

/// Adds a VolumeSnapshot and its content; both are ready.
pub(super) fn ask(day: &mut Day, asked: &Asked<'_>) {
    let created = day.ago(day.now - asked.created);
    let volume = asked.volume;
    let (class, content) = (asked.class(), asked.content());
    let separator = if asked.is_detached { '/' } else { '@' };
    let bytes = match volume.share {
        Share::Iscsi => 8_i64 << 30,
        Share::Nfs => 1 << 30,
    };
    let metadata = |name: &str, uid: String, finalizers: Value| {
        json!({
            "name": name, "uid": uid, "resourceVersion": "70000000", "creationTimestamp": created, "finalizers": finalizers,
        })
    };
    let mut of_snapshot = metadata(
        &asked.name(),
        asked.uid.to_owned(),
        json!([
            "snapshot.storage.kubernetes.io/volumesnapshot-as-source-protection",
            "snapshot.storage.kubernetes.io/volumesnapshot-bound-protection",
        ]),
    );
    of_snapshot["namespace"] = json!(volume.namespace);
    day.objects("volumesnapshots").push(json!({
        "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot", "metadata": of_snapshot,
        "spec": {"source": {"persistentVolumeClaimName": volume.claim}, "volumeSnapshotClassName": class},
        "status": {
            "boundVolumeSnapshotContentName": content, "creationTime": created, "readyToUse": true,
            "restoreSize": bytes.to_string(),
        },
    }));
    let of_content = metadata(
        &content,
        asked.uid.replace("5ce7e000", "5ce7e00c"),
        json!(["snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection",]),
    );
    day.objects("volumesnapshotcontents").push(json!({
        "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotContent", "metadata": of_content,
        "spec": {
            "deletionPolicy": "Delete", "driver": volume.share.driver(), "source": {"volumeHandle": volume.pv},
            "sourceVolumeMode": "Filesystem", "volumeSnapshotClassName": class,
            "volumeSnapshotRef": {
                "apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot", "name": asked.name(),
                "namespace": volume.namespace, "uid": asked.uid, "resourceVersion": "70000000",
            },
        },
        "status": {
            "creationTime": asked.created * 1_000_000_000, "readyToUse": true, "restoreSize": bytes,
            "snapshotHandle": format!("{}{separator}{}", volume.pv, asked.snapshot()),
        },
    }));
}

/// Takes VolumeSnapshot and content away.
pub(super) fn forget(day: &mut Day, asked: &Asked<'_>) {
    day.remove("volumesnapshots", &asked.key());
    day.remove("volumesnapshotcontents", &asked.content());
}

/// Makes both not ready yet, or failed when there is an error.
pub(super) fn unready(day: &mut Day, asked: &Asked<'_>, error: Option<&str>) -> Option<()> {
    let since = day.ago(day.now - asked.created);
    let error = error.map(|message| json!({"message": message, "time": since}));
    let mut status = json!({"readyToUse": false});
    if let Some(error) = error {
        status["error"] = error;
    }
    day.object("volumesnapshotcontents", &asked.content())?["status"] = status.clone();
    status["boundVolumeSnapshotContentName"] = json!(asked.content());
    day.object("volumesnapshots", &asked.key())?["status"] = status;
    Some(())
}

/// Makes container and copy as those of the detached snapshot that every estate has.
pub(super) fn copy(day: &mut Day, asked: &Asked<'_>, number: u32) -> Option<()> {
    let parent = asked.volume.share.detached_parent();
    let of_estate = |row: &&Value| {
        let name = row["name"].as_str().unwrap_or_default();
        name.strip_prefix(parent)
            .is_some_and(|rest| rest.contains("/snapshot-") && !rest.contains("5ce7e000"))
    };
    let child = day
        .answered("pool.dataset.query")
        .iter()
        .find(of_estate)?
        .clone();
    let (old_path, old_name) = child["name"]
        .as_str()?
        .rsplit_once('/')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    let container = day
        .row("pool.dataset.query", "name", &json!(old_path))?
        .clone();
    let old_leaf = old_path.rsplit('/').next()?.to_owned();
    for (mut row, number) in [(container, number), (child, number + 1)] {
        respell(&mut row, &old_leaf, &asked.volume.pv);
        respell(&mut row, &old_name, &asked.snapshot());
        remake(&mut row, asked.created, number);
        if row["type"] == "FILESYSTEM" {
            fill(&mut row, 0);
        }
        day.rows("pool.dataset.query").push(row);
    }
    Some(())
}
