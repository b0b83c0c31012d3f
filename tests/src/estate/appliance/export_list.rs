//! NFS shares, and iSCSI targets, extents, links and sessions.

use std::io;

use serde_json::json;

use super::{ADDRESS, IQN_BASE};
use crate::estate::innocent::{MANUAL_DATASET, VM_EXTENT, VM_ZVOL};
use crate::estate::names;
use crate::estate::plan::Estate;
use crate::estate::rng::Use;
use crate::estate::volume::{Damage, Protocol, Volume};
use crate::estate::write::Folder;

/// The network of the nodes; shares are open to it only.
const NODE_NETWORK: &str = "198.51.100.0/24";

/// Writes the lists.
pub(super) fn write(estate: &Estate, day: usize, folder: &Folder) -> io::Result<()> {
    let time = estate.calendar.appliance_now(day);
    let exported = |protocol| {
        estate
            .volumes
            .iter()
            .filter(move |volume| volume.protocol == protocol && volume.has_export(time))
    };
    shares(estate, time, exported(Protocol::Nfs), folder)?;
    extents(estate, time, exported(Protocol::Iscsi), folder)?;
    targets(estate, exported(Protocol::Iscsi), folder)?;
    links(time, exported(Protocol::Iscsi), folder)?;
    sessions(
        estate,
        estate.calendar.now(day),
        exported(Protocol::Iscsi),
        folder,
    )
}

fn shares<'a>(
    estate: &Estate,
    time: i64,
    volumes: impl Iterator<Item = &'a Volume>,
    folder: &Folder,
) -> io::Result<()> {
    let mut list = folder.array("truenas/sharing.nfs.query.json")?;
    let mut share = |id: u32, dataset: &str, comment: String, is_enabled: bool| {
        list.push_json(&json!({
            "id": id, "path": format!("/mnt/{dataset}"), "aliases": [], "comment": comment,
            "networks": [NODE_NETWORK], "hosts": [], "ro": false, "maproot_user": "root", "maproot_group": "wheel",
            "mapall_user": null, "mapall_group": null, "security": [], "enabled": is_enabled, "locked": false,
            "expose_snapshots": false,
        }))
    };
    share(1, MANUAL_DATASET, "films".to_owned(), true)?;
    for volume in volumes {
        let dataset = volume.dataset(estate.seed);
        let comment = format!("democratic-csi ({}): {dataset}", volume.protocol.driver());
        share(
            volume.export_id(),
            &dataset,
            comment,
            volume.damage(time) != Damage::ExportDisabled,
        )?;
    }
    list.finish()
}

fn extents<'a>(
    estate: &Estate,
    time: i64,
    volumes: impl Iterator<Item = &'a Volume>,
    folder: &Folder,
) -> io::Result<()> {
    let mut list = folder.array("truenas/iscsi.extent.query.json")?;
    let mut extent = |id: u32, name: &str, zvol: &str, is_enabled: bool| {
        list.push_json(&json!({
            "id": id, "name": name, "serial": estate.seed.hex(Use::Extent, id, 15), "type": "DISK",
            "path": format!("zvol/{zvol}"), "disk": format!("zvol/{zvol}"), "filesize": "0", "blocksize": 512,
            "pblocksize": true, "avail_threshold": null, "comment": "",
            "naa": format!("0x6589cfc000000{}", estate.seed.hex(Use::Extent, id, 35).split_at(16).1),
            "insecure_tpc": true, "xen": false, "rpm": "SSD", "ro": false, "enabled": is_enabled, "vendor": "TrueNAS",
            "product_id": null, "locked": false,
        }))
    };
    extent(1, VM_EXTENT, VM_ZVOL, true)?;
    for volume in volumes {
        let name = volume.asset(estate.seed, &estate.options.cluster);
        let is_enabled = volume.damage(time) != Damage::ExportDisabled;
        extent(
            volume.export_id(),
            &name,
            &volume.dataset(estate.seed),
            is_enabled,
        )?;
    }
    list.finish()
}

fn targets<'a>(
    estate: &Estate,
    volumes: impl Iterator<Item = &'a Volume>,
    folder: &Folder,
) -> io::Result<()> {
    let mut list = folder.array("truenas/iscsi.target.query.json")?;
    let mut target = |id: u32, name: &str| {
        list.push_json(&json!({
            "id": id, "name": name, "alias": null, "mode": "ISCSI", "auth_networks": [],
            "groups": [{"portal": 1, "initiator": 1, "authmethod": "NONE", "auth": null}],
            "rel_tgt_id": id, "iscsi_parameters": null,
        }))
    };
    target(1, VM_EXTENT)?;
    for volume in volumes {
        target(
            volume.export_id(),
            &volume.asset(estate.seed, &estate.options.cluster),
        )?;
    }
    list.finish()
}

fn links<'a>(
    time: i64,
    volumes: impl Iterator<Item = &'a Volume>,
    folder: &Folder,
) -> io::Result<()> {
    let mut list = folder.array("truenas/iscsi.targetextent.query.json")?;
    let mut link =
        |id: u32| list.push_json(&json!({"id": id, "lunid": 0, "extent": id, "target": id}));
    link(1)?;
    for volume in volumes.filter(|volume| volume.damage(time) != Damage::LinkMissing) {
        link(volume.export_id())?;
    }
    list.finish()
}

/// One session for each volume that a pod uses, from the node of that pod.
fn sessions<'a>(
    estate: &Estate,
    time: i64,
    volumes: impl Iterator<Item = &'a Volume>,
    folder: &Folder,
) -> io::Result<()> {
    let mut list = folder.array("truenas/iscsi.global.sessions.json")?;
    for volume in
        volumes.filter(|volume| volume.has_pod(time) && volume.damage(time) == Damage::None)
    {
        let name = volume.asset(estate.seed, &estate.options.cluster);
        list.push_json(&json!({
            "initiator": names::initiator(volume.node),
            "initiator_addr": names::worker_address(volume.node), "initiator_alias": names::worker(volume.node),
            "target": format!("{IQN_BASE}:{name}"), "target_alias": name, "header_digest": null, "data_digest": null,
            "max_data_segment_length": 262_144, "max_receive_data_segment_length": 262_144,
            "max_xmit_data_segment_length": 262_144, "max_burst_length": 1_048_576, "first_burst_length": 65_536,
            "immediate_data": true, "iser": false, "offload": false,
        }))?;
    }
    list.finish()?;
    folder.json(
        "truenas/iscsi.portal.query.json",
        &json!([
            {"id": 1, "tag": 1, "comment": "k8s", "listen": [{"ip": ADDRESS, "port": 3260}]}
        ]),
    )
}
