//! Group snapshot contents.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVolumeGroupSnapshotContent;
use truenas_common::tables::code::ReclaimPolicy;
use truenas_common::time::Time;

use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::{
    VOLUME_GROUP_SNAPSHOT_CONTENTS, VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA,
    VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA2,
};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_group_snapshot_content",
    why: "Handles of groups, which the contents of their members name.",
    reads: &[
        Read::K8s(&VOLUME_GROUP_SNAPSHOT_CONTENTS),
        Read::K8s(&VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA2),
        Read::K8s(&VOLUME_GROUP_SNAPSHOT_CONTENTS_BETA),
    ],
    tables: &["k8s_volume_group_snapshot_content"],
};

/// A group snapshot content.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct VolumeGroupSnapshotContent {
    metadata: Metadata,
    spec: Spec,
    status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    driver: String,
    deletion_policy: Option<String>,
    volume_group_snapshot_class_name: Option<String>,
    volume_group_snapshot_ref: Option<SnapshotRef>,
    source: Source,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SnapshotRef {
    uid: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    volume_handles: Option<Vec<IgnoredAny>>,
    group_snapshot_handles: Option<GroupHandles>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroupHandles {
    volume_group_snapshot_handle: Option<String>,
    volume_snapshot_handles: Option<Vec<IgnoredAny>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    volume_group_snapshot_handle: Option<String>,
    creation_time: Option<CreationTime>,
    ready_to_use: Option<bool>,
    error: Option<IgnoredAny>,
}

/// Nanoseconds in the first beta, text since.
#[derive(Debug, PartialEq, Eq)]
struct CreationTime(Option<Time>);

impl<'de> Deserialize<'de> for CreationTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let nanos = value.as_i64();
        Ok(Self(match nanos {
            Some(nanos) => Some(Time::from_unix_secs(nanos.div_euclid(1_000_000_000))),
            None => time(value.as_str()),
        }))
    }
}

/// One row a content.
pub(in crate::gather) fn rows(
    contents: &[VolumeGroupSnapshotContent],
    redactor: &Redactor,
) -> Vec<K8sVolumeGroupSnapshotContent> {
    contents
        .iter()
        .map(|content| row(content, redactor))
        .collect()
}

fn row(content: &VolumeGroupSnapshotContent, redactor: &Redactor) -> K8sVolumeGroupSnapshotContent {
    let (metadata, spec) = (&content.metadata, &content.spec);
    let none = Status::default();
    let status = content.status.as_ref().unwrap_or(&none);
    let given = spec.source.group_snapshot_handles.as_ref();
    let handle = filled(status.volume_group_snapshot_handle.as_ref())
        .or_else(|| filled(given?.volume_group_snapshot_handle.as_ref()));
    let members = spec
        .source
        .volume_handles
        .as_ref()
        .or_else(|| given?.volume_snapshot_handles.as_ref());
    let group = spec.volume_group_snapshot_ref.as_ref();
    K8sVolumeGroupSnapshotContent {
        uid: metadata.uid(redactor),
        created_at: metadata.created_at(),
        deleting_at: metadata.deleting_at(),
        driver: redactor.name(&spec.driver),
        group_class: filled(spec.volume_group_snapshot_class_name.as_ref())
            .map(|name| redactor.name(name)),
        deletion_policy: ReclaimPolicy::parse(spec.deletion_policy.as_deref().unwrap_or_default()),
        group_snapshot_uid: group
            .and_then(|group| filled(group.uid.as_ref()))
            .map(|uid| redactor.uid(uid)),
        group_handle: handle.map(|handle| redactor.name(handle)),
        n_members: members.map_or(0, |all| i64::try_from(all.len()).unwrap_or(i64::MAX)),
        is_ready: status.ready_to_use.unwrap_or(false),
        has_error: status.error.is_some(),
        taken_at: status.creation_time.as_ref().and_then(|time| time.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn time_of_either_version_is_read() {
        let content = |time: &str| -> VolumeGroupSnapshotContent {
            let json = format!(
                r#"{{"metadata": {{"uid": "u"}}, "spec": {{"driver": "csi.truenas.io", "deletionPolicy": "Delete",
                     "source": {{"volumeHandles": ["tank/a", "tank/b"]}}, "volumeGroupSnapshotRef": {{"uid": "g"}}}},
                    "status": {{"volumeGroupSnapshotHandle": "group-1", "readyToUse": true, "creationTime": {time}}}}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let all = [
            content("1772661603000000000"),
            content(r#""2026-03-04T22:00:03Z""#),
            content("null"),
        ];
        let rows = rows(&all, &redactor);
        assert_eq!(rows[0].taken_at, Some(Time::from_unix_secs(1_772_661_603)));
        assert_eq!(rows[0].taken_at, rows[1].taken_at);
        assert_eq!((rows[2].taken_at, rows[2].n_members), (None, 2));
        assert_eq!(rows[0].group_handle, Some(redactor.name("group-1")));
    }
}
