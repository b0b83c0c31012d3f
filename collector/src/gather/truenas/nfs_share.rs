//! NFS shares, one row a path, and whom they are restricted to.

use std::collections::BTreeSet;

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, DatasetPath, Driver, Redactor};
use truenas_common::tables::code::{CommentForm, UserMap};
use truenas_common::tables::{NasNfsShare, NasNfsShareNetwork};

use crate::gather::metadata::filled;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::SHARING_NFS_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nfs_share",
    why: "Exports of NFS volumes: which dataset, for whom, and which driver wrote the comment.",
    reads: &[Read::Truenas(&SHARING_NFS_QUERY)],
    tables: &["nas_nfs_share", "nas_nfs_share_network"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &[
    "id",
    "path",
    "paths",
    "enabled",
    "locked",
    "ro",
    "hosts",
    "networks",
    "maproot_user",
    "mapall_user",
    "comment",
];

/// A share.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct NfsShare {
    pub(in crate::gather) id: i64,
    path: Option<String>,
    paths: Option<Vec<String>>,
    enabled: Option<bool>,
    locked: Option<bool>,
    ro: Option<bool>,
    hosts: Option<Vec<String>>,
    networks: Option<Vec<String>>,
    maproot_user: Option<String>,
    mapall_user: Option<String>,
    comment: Option<String>,
}

/// One row a path.
pub(in crate::gather) fn rows(
    shares: &[NfsShare],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasNfsShare> {
    let of_share = |share: &NfsShare| {
        let paths = share.path.iter().chain(share.paths.iter().flatten());
        let rows = paths.map(|path| row(share, path, appliance, redactor));
        rows.collect::<Vec<_>>()
    };
    shares.iter().flat_map(of_share).collect()
}

fn row(share: &NfsShare, path: &str, appliance: &ApplianceId, redactor: &Redactor) -> NasNfsShare {
    let (comment_form, comment_driver, comment_path) =
        comment(share.comment.as_deref().unwrap_or_default(), redactor);
    NasNfsShare {
        appliance: appliance.clone(),
        id: share.id,
        path: redactor.mount_path(path),
        is_enabled: share.enabled.unwrap_or(true),
        is_locked: share.locked,
        is_readonly: share.ro.unwrap_or(false),
        is_open: clients(share).next().is_none() || clients(share).any(is_everybody),
        maproot: user_map(share.maproot_user.as_ref()),
        mapall: user_map(share.mapall_user.as_ref()),
        comment_form,
        comment_driver,
        comment_path,
    }
}

/// One row for each different client that a share is restricted to.
pub(in crate::gather) fn network_rows(
    shares: &[NfsShare],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasNfsShareNetwork> {
    let of_share = |share: &NfsShare| {
        let clients: BTreeSet<_> = clients(share)
            .map(|client| {
                let network = redactor.network(client);
                // Only one address, or a name, is a host.
                let is_host = network.is_none() || !client.contains('/');
                let bits = network.as_ref().map(|(_, bits)| *bits);
                let network = network.map(|(network, _)| network);
                (network, is_host.then(|| redactor.host(client)), bits)
            })
            .collect();
        let rows = clients.into_iter();
        let rows = rows.map(|(network, host, prefix_bits)| NasNfsShareNetwork {
            appliance: appliance.clone(),
            share_id: share.id,
            network,
            host,
            prefix_bits,
        });
        rows.collect::<Vec<_>>()
    };
    shares.iter().flat_map(of_share).collect()
}

fn clients(share: &NfsShare) -> impl Iterator<Item = &str> {
    let all = share.hosts.iter().flatten();
    let all = all.chain(share.networks.iter().flatten());
    all.map(|client| client.trim())
        .filter(|client| !client.is_empty())
}

fn is_everybody(client: &str) -> bool {
    client == "*" || client.ends_with("/0")
}

fn user_map(user: Option<&String>) -> UserMap {
    filled(user).map_or(UserMap::None, |user| match user {
        "root" => UserMap::Root,
        _ => UserMap::Other,
    })
}

/// Which software wrote a comment, and the driver and dataset that it names.
pub(in crate::gather) fn comment(
    comment: &str,
    redactor: &Redactor,
) -> (CommentForm, Option<Driver>, Option<DatasetPath>) {
    let comment = comment.trim();
    if comment.is_empty() {
        return (CommentForm::None, None, None);
    }
    let democratic = comment
        .strip_prefix("democratic-csi (")
        .and_then(|rest| rest.split_once("): "));
    if let Some((driver, dataset)) = democratic {
        let path = redactor.path(dataset.trim());
        return (
            CommentForm::DemocraticCsi,
            Some(redactor.name(driver)),
            Some(path),
        );
    }
    match vendor_handle(comment) {
        Some(handle) => (CommentForm::TruenasCsi, None, Some(redactor.path(handle))),
        None => (CommentForm::Other, None, None),
    }
}

/// The handle in a comment or alias that truenas-csi writes.
pub(in crate::gather) fn vendor_handle(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("CSI volume ")?;
    let handle = rest.strip_prefix("clone ").unwrap_or(rest).trim();
    (!handle.is_empty()).then_some(handle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn found(json: &str) -> (Vec<NasNfsShare>, Redactor) {
        let share: NfsShare = serde_json::from_str(json).unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        (rows(&[share], &redactor.name("a"), &redactor), redactor)
    }

    #[test]
    fn comment_of_democratic_csi_names_driver_and_dataset() {
        let (rows, redactor) = found(
            r#"{"id": 14, "path": "/mnt/tank/k8s/a", "comment": "democratic-csi (org.democratic-csi.nfs): tank/k8s/a",
                "hosts": [], "networks": [], "maproot_user": "root", "mapall_user": null, "enabled": true, "locked": false}"#,
        );
        assert_eq!(rows[0].path, redactor.path("tank/k8s/a"));
        assert_eq!(rows[0].comment_path.as_ref(), Some(&rows[0].path));
        assert_eq!(
            rows[0].comment_driver.as_ref().unwrap().as_str(),
            "org.democratic-csi.nfs"
        );
        assert!(
            rows[0].is_open && rows[0].maproot == UserMap::Root && rows[0].mapall == UserMap::None
        );
    }

    #[test]
    fn comment_of_the_vendor_names_the_handle_and_free_text_stays() {
        let (rows, redactor) =
            found(r#"{"id": 1, "path": "/mnt/t/a", "comment": "CSI volume clone t/a"}"#);
        assert_eq!(rows[0].comment_path, Some(redactor.path("t/a")));
        let (rows, _) =
            found(r#"{"id": 1, "path": "/mnt/t/a", "comment": "for Bob", "hosts": ["192.0.2.1"]}"#);
        assert_eq!(
            (rows[0].comment_form, rows[0].is_open),
            (CommentForm::Other, false)
        );
    }

    #[test]
    fn clients_leave_as_networks_with_their_length_and_hosts_that_join_nodes() {
        let share: NfsShare = serde_json::from_str(
            r#"{"id": 3, "path": "/mnt/t/a", "hosts": ["192.0.2.21", "Worker-01.example"],
                "networks": ["10.10.0.0/22", "10.10.1.0/22"]}"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let appliance = redactor.name("a");
        let rows = network_rows(std::slice::from_ref(&share), &appliance, &redactor);
        let of = |bits| rows.iter().find(|row| row.prefix_bits == bits).unwrap();
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert_eq!((&of(Some(22)).host, of(Some(22)).share_id), (&None, 3));
        assert_eq!(
            of(Some(22)).network,
            redactor.network("10.10.0.0/22").map(|(net, _)| net)
        );
        assert_eq!(of(Some(32)).host, Some(redactor.host("192.0.2.21")));
        assert_eq!(of(None).host, Some(redactor.host("worker-01.example")));
        assert!(of(None).network.is_none());
    }

    #[test]
    fn share_for_everybody_is_open_however_it_is_written() {
        let is_open = |more: &str| {
            let (rows, _) = found(&format!(r#"{{"id": 1, "path": "/mnt/t/a"{more}}}"#));
            rows[0].is_open
        };
        assert!(is_open(""));
        assert!(is_open(r#", "hosts": [], "networks": []"#));
        assert!(is_open(r#", "networks": ["10.0.0.0/8", "0.0.0.0/0"]"#));
        assert!(is_open(r#", "hosts": ["*"]"#) && is_open(r#", "networks": ["::/0"]"#));
        assert!(!is_open(r#", "networks": ["10.0.0.0/8"]"#));
    }

    #[test]
    fn old_share_is_a_row_for_each_path() {
        assert_eq!(
            found(r#"{"id": 1, "paths": ["/mnt/t/a", "/mnt/t/b"]}"#)
                .0
                .len(),
            2
        );
    }
}
