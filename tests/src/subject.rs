//! Real names of subjects as the pseudonyms under which they are found.

use truenas_common::redact::{Redactor, marker};

/// The token of a subject of a table; nothing for tables whose subjects are not names of one kind.
#[must_use]
pub fn pseudonym(redactor: &Redactor, table: &str, subject: &str) -> Option<String> {
    let token = match table {
        "zfs_dataset" | "nas_pool" => redactor.path(subject).as_str().to_owned(),
        "k8s_pv" => redactor.leaf(subject).as_str().to_owned(),
        "nas_iscsi_extent" => redactor.asset(subject).as_str().to_owned(),
        "k8s_volume_snapshot_content" => redactor
            .name::<marker::ContentKind>(subject)
            .as_str()
            .to_owned(),
        _ => return None,
    };
    Some(token)
}
