//! VolumeAttachments as Kubernetes names them.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The name of the attachment of a volume to a node: a hash of handle, driver and node.
pub(super) fn attachment_name(handle: &str, driver: &str, node: &str) -> String {
    let digest = Sha256::digest(format!("{handle}{driver}{node}"));
    format!("csi-{}", HEXLOWER.encode(&digest))
}

/// Names an attachment anew after the handle of its volume changed; returns the name.
pub(super) fn rename(attachment: &mut Value, handle: &str) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (driver, node) = (
        text(&attachment["spec"]["attacher"]),
        text(&attachment["spec"]["nodeName"]),
    );
    let name = attachment_name(handle, &driver, &node);
    attachment["metadata"]["name"] = json!(name);
    name
}
