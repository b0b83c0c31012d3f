//! Real names of subjects as the pseudonyms under which they are found.

use truenas_common::redact::{Redactor, marker};

/// The token of a subject of a table; nothing for tables whose subjects are not names of one kind.
#[must_use]
pub fn pseudonym(redactor: &Redactor, table: &str, subject: &str) -> Option<String> {
    let token = match table {
        "zfs_dataset" | "nas_pool" | "nas_nfs_share" => redactor.path(subject).as_str().to_owned(),
        "zfs_snapshot" => {
            let (dataset, name) = subject.split_once('@')?;
            let (dataset, name) = (redactor.path(dataset), redactor.snapshot(name, &[]));
            format!("{}@{}", dataset.as_str(), name.as_str())
        }
        "k8s_pvc" => {
            let (namespace, name) = subject.split_once('/')?;
            let name = redactor.name::<marker::ClaimKind>(name);
            format!("{}/{}", namespace_token(redactor, namespace), name.as_str())
        }
        "k8s_volume_snapshot" => {
            let (namespace, name) = subject.split_once('/')?;
            let name = redactor.name::<marker::SnapshotKind>(name);
            format!("{}/{}", namespace_token(redactor, namespace), name.as_str())
        }
        "k8s_pv" => redactor.leaf(subject).as_str().to_owned(),
        "nas_iscsi_extent" | "nas_iscsi_target" => redactor.asset(subject).as_str().to_owned(),
        "k8s_volume_snapshot_content" => redactor
            .name::<marker::ContentKind>(subject)
            .as_str()
            .to_owned(),
        _ => return None,
    };
    Some(token)
}

fn namespace_token(redactor: &Redactor, namespace: &str) -> String {
    redactor
        .name::<marker::NamespaceKind>(namespace)
        .as_str()
        .to_owned()
}
