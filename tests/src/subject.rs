//! Real names of subjects as the pseudonyms under which they are found.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use serde_json::Value;
use truenas_common::redact::{Redactor, marker};

use crate::world::World;

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
        "nas_smb_share" => redactor.smb(subject).as_str().to_owned(),
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

/// Every token that a name of unknown kind may have left as: for subjects that somebody else wrote down.
#[must_use]
pub fn pseudonyms(redactor: &Redactor, table: &str, subject: &str) -> Vec<String> {
    let plain = |name: &str| {
        [
            redactor.leaf(name).as_str().to_owned(),
            redactor.asset(name).as_str().to_owned(),
            redactor.host(name).as_str().to_owned(),
            redactor.uid(name).as_str().to_owned(),
            redactor
                .name::<marker::ApplianceKind>(name)
                .as_str()
                .to_owned(),
            redactor
                .name::<marker::BackupKind>(name)
                .as_str()
                .to_owned(),
            redactor.name::<marker::ClaimKind>(name).as_str().to_owned(),
            redactor
                .name::<marker::ContentKind>(name)
                .as_str()
                .to_owned(),
            redactor
                .name::<marker::DriverKind>(name)
                .as_str()
                .to_owned(),
            redactor.name::<marker::GuidKind>(name).as_str().to_owned(),
            redactor.name::<marker::NodeKind>(name).as_str().to_owned(),
            redactor.name::<marker::PodKind>(name).as_str().to_owned(),
            redactor
                .name::<marker::SnapshotKind>(name)
                .as_str()
                .to_owned(),
            redactor
                .name::<marker::SnapshotClassKind>(name)
                .as_str()
                .to_owned(),
            redactor
                .name::<marker::StorageClassKind>(name)
                .as_str()
                .to_owned(),
            redactor
                .name::<marker::WorkloadNameKind>(name)
                .as_str()
                .to_owned(),
            namespace_token(redactor, name),
        ]
    };
    let mut tokens: Vec<String> = pseudonym(redactor, table, subject).into_iter().collect();
    tokens.push(subject.to_owned());
    tokens.push(redactor.path(subject).as_str().to_owned());
    tokens.push(redactor.mount_path(subject).as_str().to_owned());
    tokens.extend(
        redactor
            .device_path(subject)
            .map(|path| path.as_str().to_owned()),
    );
    tokens.extend(plain(subject));
    if let Some((namespace, name)) = subject.split_once('/') {
        let namespace = namespace_token(redactor, namespace);
        tokens.extend(plain(name).map(|name| format!("{namespace}/{name}")));
        // Some findings say the namespace beside the subject.
        tokens.extend(plain(name));
    }
    if let (_, Some(asset)) = redactor.iqn(subject) {
        tokens.push(asset.as_str().to_owned());
    }
    tokens
}

/// Uids of the objects of a world by `name` and `namespace/name`: some leave without their names.
///
/// # Errors
/// A folder or file that cannot be read, or is not JSON.
pub fn uids(world: &World) -> io::Result<BTreeMap<String, Vec<String>>> {
    let mut uids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cluster in world.clusters.iter().filter(|one| one.folder.exists()) {
        for entry in fs::read_dir(&cluster.folder)? {
            let value: Value = serde_json::from_slice(&fs::read(entry?.path())?)?;
            let objects = match value["items"].as_array() {
                Some(items) => items.as_slice(),
                None => std::slice::from_ref(&value),
            };
            for metadata in objects.iter().map(|object| &object["metadata"]) {
                let (Some(name), Some(uid)) = (metadata["name"].as_str(), metadata["uid"].as_str())
                else {
                    continue;
                };
                if let Some(namespace) = metadata["namespace"].as_str() {
                    let key = format!("{namespace}/{name}");
                    uids.entry(key).or_default().push(uid.to_owned());
                }
                uids.entry(name.to_owned())
                    .or_default()
                    .push(uid.to_owned());
            }
        }
    }
    Ok(uids)
}
