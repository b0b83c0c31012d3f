//! The user properties that the CSI driver leaves on datasets.

use super::{ADDRESS, IQN_BASE};
use crate::estate::plan::Estate;
use crate::estate::snapshot::{CsiSnapshot, Form};
use crate::estate::volume::{Protocol, Stage, Volume};

/// A user property: its name without the driver's prefix, and its value.
pub(super) type Marker = (&'static str, String);

/// Prefix of every marker.
pub(super) const PREFIX: &str = "democratic-csi:";

/// Markers of a volume, in the order in which the driver sets them.
pub(super) fn of_volume(estate: &Estate, volume: &Volume) -> Vec<Marker> {
    let mut markers = vec![
        ("csi_volume_name", volume.handle(estate.seed)),
        ("managed_resource", "true".to_owned()),
        (
            "volume_context_provisioner_driver",
            format!("freenas-api-{}", volume.protocol.word()),
        ),
        (
            "volume_context_provisioner_instance_id",
            estate.options.cluster.clone(),
        ),
    ];
    if let Some(origin) = volume.origin {
        let snapshot = &estate.snapshots[origin as usize];
        let source = estate.volumes[snapshot.volume as usize].handle(estate.seed);
        let (kind, id) = match snapshot.form {
            Form::CloneSource => ("volume", source),
            _ => (
                "snapshot",
                format!("{source}@{}", snapshot.name(estate.seed)),
            ),
        };
        markers.push(("csi_volume_content_source_type", kind.to_owned()));
        markers.push(("csi_volume_content_source_id", id));
    }
    if volume.stage == Stage::DatasetOnly {
        return markers;
    }
    let id = volume.export_id().to_string();
    if volume.protocol == Protocol::Iscsi {
        if volume.stage == Stage::Complete {
            markers.push(("freenas_iscsi_target_id", id.clone()));
            markers.push(("freenas_iscsi_extent_id", id.clone()));
        }
        markers.push(("freenas_iscsi_targettoextent_id", id));
        markers.push((
            "freenas_iscsi_assets_name",
            volume.asset(estate.seed, &estate.options.cluster),
        ));
    } else if volume.stage == Stage::Complete {
        markers.push(("freenas_nfs_share_id", id));
    }
    markers.push(("csi_share_volume_context", context(estate, volume)));
    markers.push(("provision_success", "true".to_owned()));
    markers
}

/// Markers of a driver-made snapshot, attached or detached.
pub(super) fn of_snapshot(estate: &Estate, snapshot: &CsiSnapshot) -> Vec<Marker> {
    let source = estate.volumes[snapshot.volume as usize].handle(estate.seed);
    vec![
        ("csi_snapshot_name", snapshot.name(estate.seed)),
        ("csi_snapshot_source_volume_id", source),
        ("managed_resource", "true".to_owned()),
        ("provision_success", "true".to_owned()),
    ]
}

fn context(estate: &Estate, volume: &Volume) -> String {
    match volume.protocol {
        Protocol::Nfs => format!(
            r#"{{"node_attach_driver":"nfs","server":"{ADDRESS}","share":"/mnt/{}"}}"#,
            volume.dataset(estate.seed)
        ),
        Protocol::Iscsi => format!(
            r#"{{"node_attach_driver":"iscsi","portal":"{ADDRESS}:3260","portals":"","interface":"","iqn":"{IQN_BASE}:{}","lun":0}}"#,
            volume.asset(estate.seed, &estate.options.cluster)
        ),
    }
}
