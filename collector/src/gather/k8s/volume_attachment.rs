//! Volume attachments. Their names are unkeyed hashes and are not decoded into rows.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sVolumeAttachment;

use crate::gather::handles::Handles;
use crate::gather::metadata::{Metadata, filled};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::VOLUME_ATTACHMENTS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/volume_attachment",
    why: "Which volume is attached to which node, and attachments that are stuck.",
    reads: &[Read::K8s(&VOLUME_ATTACHMENTS)],
    tables: &["k8s_volume_attachment"],
};

/// A volume attachment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct VolumeAttachment {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    attacher: String,
    node_name: String,
    source: Source,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    persistent_volume_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    attached: Option<bool>,
    attach_error: Option<IgnoredAny>,
    detach_error: Option<IgnoredAny>,
    attachment_metadata: Option<AttachmentMetadata>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AttachmentMetadata {
    #[serde(rename = "targetIQN")]
    target_iqn: Option<String>,
    #[serde(rename = "nvmeSubNQN")]
    nvme_sub_nqn: Option<String>,
    #[serde(rename = "nfsPath")]
    nfs_path: Option<String>,
}

/// One row an attachment.
pub(in crate::gather) fn rows(
    attachments: &[VolumeAttachment],
    handles: &Handles,
    redactor: &Redactor,
) -> Vec<K8sVolumeAttachment> {
    attachments
        .iter()
        .map(|attachment| {
            let (spec, status) = (&attachment.spec, &attachment.status);
            let published = status.attachment_metadata.as_ref();
            let iqn = published.and_then(|published| filled(published.target_iqn.as_ref()));
            let (iqn_base, iqn_suffix) = match iqn.map(|iqn| redactor.iqn(iqn)) {
                Some((base, suffix)) => (Some(base), suffix),
                None => (None, None),
            };
            K8sVolumeAttachment {
                uid: attachment.metadata.uid(redactor),
                pv: filled(spec.source.persistent_volume_name.as_ref())
                    .map(|name| redactor.leaf(name)),
                node: redactor.name(&spec.node_name),
                driver: redactor.name(&spec.attacher),
                name_is_regular: filled(spec.source.persistent_volume_name.as_ref()).and_then(
                    |pv| {
                        let name = attachment.metadata.name();
                        handles.is_regular(name, pv, &spec.attacher, &spec.node_name)
                    },
                ),
                created_at: attachment.metadata.created_at(),
                deleting_at: attachment.metadata.deleting_at(),
                status_changed_at: attachment.metadata.status_changed_at(),
                is_attached: status.attached.unwrap_or(false),
                has_attach_error: status.attach_error.is_some(),
                has_detach_error: status.detach_error.is_some(),
                iqn_base,
                iqn_suffix,
                nqn: published
                    .and_then(|published| filled(published.nvme_sub_nqn.as_ref()))
                    .map(|nqn| redactor.name(nqn)),
                share_path: published
                    .and_then(|published| filled(published.nfs_path.as_ref()))
                    .map(|path| redactor.mount_path(path)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::write_line;

    #[test]
    fn stuck_attachment_shows_its_error_and_never_its_name_or_message() {
        let attachment: VolumeAttachment = serde_json::from_str(
            r#"{"metadata": {"name": "csi-8638c252", "uid": "aaaa0003-0000-4000-8000-000000000003",
                 "creationTimestamp": "2026-01-02T09:05:00Z", "deletionTimestamp": "2026-02-01T00:00:00Z",
                 "managedFields": [{"manager": "csi-attacher", "subresource": "status", "time": "2026-01-02T09:05:07Z"},
                   {"manager": "kube-controller-manager", "time": "2026-01-02T09:05:00Z"}]},
                "spec": {"attacher": "csi.truenas.io", "nodeName": "worker-99",
                 "source": {"persistentVolumeName": "pvc-bb22cc33-dd44-4e55-8f66-001122334455"}},
                "status": {"attached": true, "detachError": {"message": "node not found"},
                 "attachmentMetadata": {"targetIQN": "iqn.2005-10.org.freenas.ctl:csi-a"}}}"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        let mut handles = Handles::default();
        let handle = "tank/a";
        handles.note([("pvc-bb22cc33-dd44-4e55-8f66-001122334455", handle)].into_iter());
        let row = &rows(&[attachment], &handles, &redactor)[0];
        assert_eq!(row.name_is_regular, Some(false));
        assert!(row.is_attached && row.has_detach_error && !row.has_attach_error);
        assert!(row.deleting_at.is_some() && row.iqn_suffix.is_some());
        let changed_at = row.status_changed_at.unwrap();
        assert_eq!(changed_at.unix_secs() - row.created_at.unix_secs(), 7);
        let mut line = Vec::new();
        write_line(row, &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(!line.contains("8638c252") && !line.contains("not found"));
    }
}
