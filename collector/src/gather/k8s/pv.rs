//! Persistent volumes: the Kubernetes end of every join. Secrets among the volume attributes are never decoded.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use truenas_common::redact::{DatasetPath, Redactor};
use truenas_common::tables::code::{
    AccessMode, AttacherFinalizer, Family, HandleForm, Phase, Protocol, Provisioner, ReclaimPolicy,
    VolumeMode,
};
use truenas_common::tables::{K8sPv, K8sPvMountOption, K8sPvPortal};

use crate::gather::metadata::{Metadata, filled, last, time};
use crate::gather::mount_option::MountOptions;
use crate::gather::naming::truenas_csi_target;
use crate::gather::secret_parameter::Watched;
use crate::gather::share_context::ShareContext;
use crate::gather::{Gatherer, Read, address, quantity};
use crate::source::k8s::PERSISTENT_VOLUMES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/pv",
    why: "Volumes that Kubernetes knows, with the keys that lead to datasets, shares, targets and portals.",
    reads: &[Read::K8s(&PERSISTENT_VOLUMES)],
    tables: &["k8s_pv", "k8s_pv_mount_option", "k8s_pv_portal"],
};

const ISCSI_PORT: i64 = 3260;
const NVME_PORT: i64 = 4420;

/// A persistent volume.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Pv {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    capacity: Option<Capacity>,
    access_modes: Option<Vec<String>>,
    persistent_volume_reclaim_policy: Option<String>,
    storage_class_name: Option<String>,
    volume_mode: Option<String>,
    claim_ref: Option<ClaimRef>,
    csi: Option<Csi>,
    nfs: Option<Nfs>,
    iscsi: Option<Iscsi>,
    mount_options: MountOptions,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Capacity {
    storage: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClaimRef {
    namespace: Option<String>,
    name: Option<String>,
    uid: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Csi {
    driver: String,
    volume_handle: String,
    volume_attributes: Option<Watched<Attributes>>,
}

/// The attributes that are looked at; of CHAP and encryption secrets the presence is noted, everything else is skipped
/// unread.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attributes {
    node_attach_driver: Option<String>,
    provisioner_driver: Option<String>,
    provisioner_driver_instance_id: Option<String>,
    protocol: Option<String>,
    server: Option<String>,
    share: Option<String>,
    portal: Option<String>,
    portals: Option<String>,
    interface: Option<String>,
    iqn: Option<String>,
    lun: Option<String>,
    transport: Option<String>,
    transports: Option<String>,
    nqn: Option<String>,
    nsid: Option<String>,
    #[serde(rename = "nfsServer")]
    nfs_server: Option<String>,
    #[serde(rename = "nfsPath")]
    nfs_path: Option<String>,
    #[serde(rename = "targetPortal")]
    target_portal: Option<String>,
    #[serde(rename = "targetIQN")]
    target_iqn: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Nfs {
    server: String,
    path: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Iscsi {
    target_portal: String,
    portals: Option<Vec<String>>,
    iqn: String,
    lun: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    last_phase_transition_time: Option<String>,
}

/// One row a volume.
pub(in crate::gather) fn rows(volumes: &[Pv], redactor: &Redactor) -> Vec<K8sPv> {
    volumes.iter().map(|pv| row(pv, redactor)).collect()
}

/// One row for each different portal of a volume.
pub(in crate::gather) fn portal_rows(volumes: &[Pv], redactor: &Redactor) -> Vec<K8sPvPortal> {
    let of_volume = |pv: &Pv| {
        let portals: BTreeSet<_> = portals(pv)
            .into_iter()
            .map(|(host, port)| (redactor.host(host), port))
            .collect();
        let name = redactor.leaf(pv.metadata.name());
        let rows = portals.into_iter().map(move |(host, port)| K8sPvPortal {
            pv: name.clone(),
            host,
            port,
        });
        rows.collect::<Vec<_>>()
    };
    volumes.iter().flat_map(of_volume).collect()
}

/// One row a mount option of a volume.
pub(in crate::gather) fn mount_option_rows(
    volumes: &[Pv],
    redactor: &Redactor,
) -> Vec<K8sPvMountOption> {
    let of_volume = |volume: &Pv| {
        let pv = redactor.leaf(volume.metadata.name());
        let options = volume.spec.mount_options.0.iter();
        let rows = options.map(|(option, value)| K8sPvMountOption {
            pv: pv.clone(),
            option: *option,
            word: value.word,
            n_value: value.number,
        });
        rows.collect::<Vec<_>>()
    };
    volumes.iter().flat_map(of_volume).collect()
}

/// CSI volumes whose handle is not their name: what is needed to tell how an attachment should be called.
pub(in crate::gather) fn handles(volumes: &[Pv]) -> impl Iterator<Item = (&str, &str)> {
    volumes.iter().filter_map(|volume| {
        let csi = volume.spec.csi.as_ref()?;
        Some((volume.metadata.name(), csi.volume_handle.as_str()))
    })
}

fn row(pv: &Pv, redactor: &Redactor) -> K8sPv {
    let spec = &pv.spec;
    let none = Attributes::default();
    let attributes = attributes(spec).unwrap_or(&none);
    let handle = spec.csi.as_ref().map(|csi| csi.volume_handle.as_str());
    let handle = handle.filter(|handle| !handle.is_empty());
    let claim = spec.claim_ref.as_ref();
    let family = family(spec, attributes);
    let protocol = protocol(spec, attributes);
    let (iqn_base, iqn_suffix) = match iqn(spec, attributes).map(|iqn| redactor.iqn(iqn)) {
        Some((base, suffix)) => (Some(base), suffix),
        None => (None, None),
    };
    let driver = spec.csi.as_ref().map(|csi| csi.driver.as_str());
    let is_vendor_target = family == Family::TruenasCsi && protocol == Protocol::Iscsi;
    K8sPv {
        name: redactor.leaf(pv.metadata.name()),
        uid: pv.metadata.uid(redactor),
        created_at: pv.metadata.created_at(),
        deleting_at: pv.metadata.deleting_at(),
        phase: Phase::parse(pv.status.phase.as_deref().unwrap_or("Pending")),
        phase_changed_at: time(pv.status.last_phase_transition_time.as_deref()),
        reclaim_policy: ReclaimPolicy::parse(
            spec.persistent_volume_reclaim_policy
                .as_deref()
                .unwrap_or("Retain"),
        ),
        capacity_bytes: spec
            .capacity
            .as_ref()
            .and_then(|capacity| quantity::bytes(capacity.storage.as_deref()?)),
        volume_mode: VolumeMode::parse(spec.volume_mode.as_deref().unwrap_or("Filesystem")),
        access_mode: AccessMode::widest(spec.access_modes.iter().flatten().map(String::as_str)),
        storage_class: filled(spec.storage_class_name.as_ref()).map(|name| redactor.name(name)),
        claim_namespace: claim
            .and_then(|claim| filled(claim.namespace.as_ref()))
            .map(|name| redactor.name(name)),
        claim_name: claim
            .and_then(|claim| filled(claim.name.as_ref()))
            .map(|name| redactor.name(name)),
        claim_uid: claim
            .and_then(|claim| filled(claim.uid.as_ref()))
            .map(|uid| redactor.uid(uid)),
        driver: driver.map(|name| redactor.name(name)),
        family,
        provisioner: filled(attributes.provisioner_driver.as_ref()).map(Provisioner::parse),
        protocol,
        handle: handle.map(|handle| redactor.name(handle)),
        handle_form: match handle {
            None => HandleForm::None,
            Some(handle) if handle.contains('/') => HandleForm::Path,
            Some(_) => HandleForm::Leaf,
        },
        handle_leaf: handle.map(|handle| redactor.leaf(last(handle))),
        handle_path: handle
            .filter(|handle| handle.contains('/'))
            .map(|handle| redactor.path(handle)),
        share_path: share_path(spec, attributes, protocol, redactor),
        share_name: filled(attributes.share.as_ref())
            .filter(|_| protocol == Protocol::Smb)
            .map(|name| redactor.smb(name)),
        server_host: filled(attributes.server.as_ref())
            .or_else(|| filled(attributes.nfs_server.as_ref()))
            .or_else(|| spec.nfs.as_ref().map(|nfs| nfs.server.as_str()))
            .map(|host| redactor.host(host)),
        iqn_base,
        iqn_suffix,
        lun: filled(attributes.lun.as_ref())
            .and_then(|lun| lun.parse().ok())
            .or_else(|| spec.iscsi.as_ref()?.lun),
        nqn: filled(attributes.nqn.as_ref()).map(|nqn| redactor.name(nqn)),
        nsid: filled(attributes.nsid.as_ref()).and_then(|nsid| nsid.parse().ok()),
        instance: filled(attributes.provisioner_driver_instance_id.as_ref())
            .map(|id| redactor.name(id)),
        context: attributes.context().token(redactor),
        expected_target: handle
            .filter(|_| is_vendor_target)
            .map(|handle| redactor.asset(&truenas_csi_target(handle))),
        flat_handle: handle.map(|handle| redactor.name(&handle.replace('/', "-"))),
        attacher_finalizer: attacher_finalizer(pv, driver),
        has_provisioner_finalizer: pv
            .metadata
            .finalizers()
            .any(|name| name == "external-provisioner.volume.kubernetes.io/finalizer"),
        has_secret_attribute: Some(
            spec.csi
                .as_ref()
                .and_then(|csi| csi.volume_attributes.as_ref())
                .is_some_and(|attributes| attributes.has_secret),
        ),
        is_static: pv
            .metadata
            .annotations
            .as_ref()
            .is_none_or(|annotations| annotations.provisioned_by.is_none()),
    }
}

fn attributes(spec: &Spec) -> Option<&Attributes> {
    Some(&spec.csi.as_ref()?.volume_attributes.as_ref()?.known)
}

fn family(spec: &Spec, attributes: &Attributes) -> Family {
    let Some(csi) = &spec.csi else {
        return match (&spec.nfs, &spec.iscsi) {
            (Some(_), _) => Family::Nfs,
            (None, Some(_)) => Family::Iscsi,
            (None, None) => Family::Foreign,
        };
    };
    if let Some(provisioner) = filled(attributes.provisioner_driver.as_ref()) {
        return match provisioner {
            "nfs-client" | "smb-client" | "lustre-client" | "objectivefs" | "local-hostpath"
            | "node-manual" => Family::SharedDirectory,
            name if name.starts_with("freenas-") || name.starts_with("truenas-") => {
                Family::DemocraticCsi
            }
            name if name.starts_with("zfs-generic-") => Family::ZfsGeneric,
            _ => Family::Foreign,
        };
    }
    let has_vendor_keys = attributes.protocol.is_some()
        || attributes.nfs_server.is_some()
        || attributes.target_iqn.is_some();
    match csi.driver.as_str() {
        "csi.truenas.io" => Family::TruenasCsi,
        "tns.csi.io" => Family::TnsCsi,
        _ if csi.volume_handle.contains('/') && has_vendor_keys => Family::TruenasCsi,
        _ => Family::Foreign,
    }
}

fn protocol(spec: &Spec, attributes: &Attributes) -> Protocol {
    if spec.nfs.is_some() || attributes.nfs_path.is_some() {
        return Protocol::Nfs;
    }
    if spec.iscsi.is_some() || attributes.target_iqn.is_some() {
        return Protocol::Iscsi;
    }
    let word = filled(attributes.node_attach_driver.as_ref())
        .or_else(|| filled(attributes.protocol.as_ref()));
    Protocol::parse(word.unwrap_or_default())
}

fn share_path(
    spec: &Spec,
    attributes: &Attributes,
    protocol: Protocol,
    redactor: &Redactor,
) -> Option<DatasetPath> {
    if protocol != Protocol::Nfs {
        return None;
    }
    filled(attributes.share.as_ref())
        .or_else(|| filled(attributes.nfs_path.as_ref()))
        .or_else(|| spec.nfs.as_ref().map(|nfs| nfs.path.as_str()))
        .map(|path| redactor.mount_path(path))
}

fn iqn<'a>(spec: &'a Spec, attributes: &'a Attributes) -> Option<&'a str> {
    filled(attributes.iqn.as_ref())
        .or_else(|| filled(attributes.target_iqn.as_ref()))
        .or_else(|| spec.iscsi.as_ref().map(|iscsi| iscsi.iqn.as_str()))
}

fn portals(pv: &Pv) -> Vec<(&str, i64)> {
    let mut found = Vec::new();
    if let Some(attributes) = attributes(&pv.spec) {
        let fields = [
            (&attributes.portal, ISCSI_PORT),
            (&attributes.portals, ISCSI_PORT),
            (&attributes.target_portal, ISCSI_PORT),
            (&attributes.transport, NVME_PORT),
            (&attributes.transports, NVME_PORT),
        ];
        for (text, port) in fields {
            let parts = text.iter().flat_map(|text| text.split(','));
            found.extend(parts.filter_map(|part| address::split(part, port)));
        }
    }
    if let Some(iscsi) = &pv.spec.iscsi {
        let all = iscsi.portals.iter().flatten().chain([&iscsi.target_portal]);
        found.extend(all.filter_map(|part| address::split(part, ISCSI_PORT)));
    }
    found
}

fn attacher_finalizer(pv: &Pv, driver: Option<&str>) -> AttacherFinalizer {
    let own = driver
        .map(|driver| driver.replace(|c: char| !(c.is_ascii_alphanumeric() || c == '-'), "-"));
    let mut found = AttacherFinalizer::None;
    for finalizer in pv.metadata.finalizers() {
        let Some(name) = finalizer.strip_prefix("external-attacher/") else {
            continue;
        };
        if own.as_deref() == Some(name) {
            return AttacherFinalizer::Own;
        }
        found = AttacherFinalizer::Foreign;
    }
    found
}

impl Attributes {
    fn context(&self) -> ShareContext {
        let value = |text: &Option<String>| text.clone().map(Value::String);
        ShareContext {
            node_attach_driver: value(&self.node_attach_driver),
            server: value(&self.server),
            share: value(&self.share),
            portal: value(&self.portal),
            portals: value(&self.portals),
            interface: value(&self.interface),
            iqn: value(&self.iqn),
            lun: value(&self.lun),
            transport: value(&self.transport),
            transports: value(&self.transports),
            nqn: value(&self.nqn),
            nsid: value(&self.nsid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::write_line;

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    fn pv(spec: &str) -> Pv {
        let json = format!(
            r#"{{"metadata": {{"name": "pvc-0505b078-9802-44c8-9f12-6d1271cd50eb", "uid": "u",
                 "creationTimestamp": "2026-03-02T08:15:11Z",
                 "annotations": {{"pv.kubernetes.io/provisioned-by": "csi.truenas.io"}},
                 "finalizers": ["kubernetes.io/pv-protection", "external-attacher/csi-truenas-io"]}},
                "spec": {{"capacity": {{"storage": "8Gi"}}, "accessModes": ["ReadWriteOnce"], {spec}}},
                "status": {{"phase": "Bound"}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn democratic_iscsi_volume_gives_its_keys_and_each_portal_once() {
        let pv = pv(
            r#""csi": {"driver": "org.democratic-csi.iscsi", "volumeHandle": "pvc-0505b078-9802-44c8-9f12-6d1271cd50eb",
                "volumeAttributes": {"node_attach_driver": "iscsi", "provisioner_driver": "freenas-api-iscsi",
                "provisioner_driver_instance_id": "prod-cluster-a", "portal": "10.10.0.5:3260",
                "portals": "10.10.0.5:3260,10.10.1.5:3260", "interface": "",
                "iqn": "iqn.2005-10.org.freenas.ctl:csi-pvc-0505b078-clustera", "lun": "0"}}"#,
        );
        let redactor = redactor();
        let row = &rows(std::slice::from_ref(&pv), &redactor)[0];
        assert_eq!(row.family, Family::DemocraticCsi);
        assert_eq!(row.provisioner, Some(Provisioner::FreenasApiIscsi));
        assert_eq!(
            (row.protocol, row.handle_form),
            (Protocol::Iscsi, HandleForm::Leaf)
        );
        assert_eq!(row.handle_leaf.as_ref(), Some(&row.name));
        assert_eq!(
            row.iqn_suffix,
            Some(redactor.asset("csi-pvc-0505b078-clustera"))
        );
        assert_eq!(row.capacity_bytes, Some(8 << 30));
        assert_eq!(row.attacher_finalizer, AttacherFinalizer::Foreign);
        assert!(row.context.is_some() && row.handle_path.is_none());
        assert_eq!(portal_rows(&[pv], &redactor).len(), 2);
    }

    #[test]
    fn secrets_among_the_attributes_do_not_leave() {
        let pv = pv(
            r#""csi": {"driver": "csi.truenas.io", "volumeHandle": "tank/k8s/iscsi/pvc-bb22cc33-dd44-4e55-8f66-001122334455",
                "volumeAttributes": {"protocol": "iscsi", "iscsi.chapSecret": "hidden-word", "iscsi.chapUser": "hidden-user",
                "targetPortal": "10.10.0.5:3260", "targetIQN": "iqn.2005-10.org.freenas.ctl:csi-tank", "lun": "0"}}"#,
        );
        for profile in [Profile::Standard, Profile::Open] {
            let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), profile);
            let row = &rows(std::slice::from_ref(&pv), &redactor)[0];
            let mut line = Vec::new();
            write_line(row, &mut line);
            assert!(!String::from_utf8(line).unwrap().contains("hidden"));
            assert_eq!(row.family, Family::TruenasCsi);
            assert_eq!(row.has_secret_attribute, Some(true));
            assert_eq!(row.attacher_finalizer, AttacherFinalizer::Own);
            let target = "csi-tank-k8s-iscsi-pvc-bb22cc33-dd44-4e55-8f66-001122334455";
            assert_eq!(row.expected_target, Some(redactor.asset(target)));
            assert!(row.handle_path.is_some() && row.context.is_none() && !row.is_static);
        }
    }

    #[test]
    fn nfs_export_joins_the_dataset_path() {
        let pv = pv(
            r#""csi": {"driver": "x", "volumeHandle": "a", "volumeAttributes": {"node_attach_driver": "nfs",
                "provisioner_driver": "freenas-nfs", "server": "nas01.example.net", "share": "/mnt/tank/k8s/a/"}}"#,
        );
        let redactor = redactor();
        let row = &rows(&[pv], &redactor)[0];
        assert_eq!(row.share_path, Some(redactor.path("tank/k8s/a")));
        assert!(row.server_host.is_some() && row.share_name.is_none());
        assert_eq!(row.has_secret_attribute, Some(false));
    }

    #[test]
    fn static_volume_of_the_tree_is_its_own_family() {
        let pv = pv(r#""nfs": {"server": "192.0.2.5", "path": "/mnt/tank/docs"}"#);
        let row = &rows(&[pv], &redactor())[0];
        assert_eq!((row.family, row.protocol), (Family::Nfs, Protocol::Nfs));
        assert_eq!(row.handle_form, HandleForm::None);
        assert!(row.handle.is_none() && row.share_path.is_some());
    }
}
