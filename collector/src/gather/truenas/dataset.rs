//! Datasets and zvols: identity, configuration, the driver's markers with their sources, and space counters.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Leaf, NamingSchema, Redactor};
use truenas_common::tables::code::{Compression, DatasetKind, Family, Provisioner, SyncMode};
use truenas_common::tables::{ZfsDataset, ZfsDatasetSpace};

use crate::gather::metadata::last;
use crate::gather::property::{Property, has_sources};
use crate::gather::share_context::ShareContext;
use crate::gather::truenas::pool::is_boot;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::{POOL_DATASET_QUERY, Version};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/dataset",
    why: "Volumes as the appliance knows them: the driver's markers with their sources, sizes, space and clones.",
    reads: &[Read::Truenas(&POOL_DATASET_QUERY)],
    tables: &["zfs_dataset", "zfs_dataset_space"],
};

const PROPERTIES: &[&str] = &[
    "available",
    "compression",
    "creation",
    "dedup",
    "encryption",
    "mountpoint",
    "origin",
    "quota",
    "readonly",
    "recordsize",
    "refquota",
    "refreservation",
    "reservation",
    "sync",
    "used",
    "usedbychildren",
    "usedbydataset",
    "usedbyrefreservation",
    "usedbysnapshots",
    "volblocksize",
    "volsize",
];

const NEWER_PROPERTIES: &[&str] = &["createtxg", "guid", "logicalused", "referenced", "written"];

/// ZFS names of the properties to ask for.
pub(in crate::gather) fn properties(version: Version) -> Vec<&'static str> {
    let newer = if has_sources(version) {
        &[]
    } else {
        NEWER_PROPERTIES
    };
    PROPERTIES.iter().chain(newer).copied().collect()
}

/// A dataset; rows of hidden parents have a name and nothing else.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Dataset {
    id: String,
    r#type: Option<String>,
    mountpoint: Option<String>,
    encrypted: Option<bool>,
    encryption_root: Option<String>,
    key_loaded: Option<bool>,
    locked: Option<bool>,
    encryption: Property,
    guid: Property,
    createtxg: Property,
    creation: Property,
    origin: Property,
    readonly: Property,
    volsize: Property,
    volblocksize: Property,
    recordsize: Property,
    quota: Property,
    refquota: Property,
    reservation: Property,
    refreservation: Property,
    sync: Property,
    compression: Property,
    deduplication: Property,
    managedby: Property,
    used: Property,
    usedbydataset: Property,
    usedbysnapshots: Property,
    usedbychildren: Property,
    usedbyrefreservation: Property,
    referenced: Property,
    logicalused: Property,
    written: Property,
    available: Property,
    user_properties: Option<Markers>,
}

/// User properties of two drivers; others are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Markers {
    #[serde(rename = "democratic-csi:csi_volume_name")]
    volume_name: Option<Property>,
    #[serde(rename = "democratic-csi:managed_resource")]
    managed: Option<Property>,
    #[serde(rename = "democratic-csi:provision_success")]
    provisioned: Option<Property>,
    #[serde(rename = "democratic-csi:volume_context_provisioner_driver")]
    provisioner: Option<Property>,
    #[serde(rename = "democratic-csi:volume_context_provisioner_instance_id")]
    instance: Option<Property>,
    #[serde(rename = "democratic-csi:csi_snapshot_name")]
    snapshot_name: Option<Property>,
    #[serde(rename = "democratic-csi:csi_snapshot_source_volume_id")]
    snapshot_source: Option<Property>,
    #[serde(rename = "democratic-csi:csi_volume_content_source_type")]
    content_source_type: Option<Property>,
    #[serde(rename = "democratic-csi:csi_volume_content_source_id")]
    content_source_id: Option<Property>,
    #[serde(rename = "democratic-csi:csi_share_volume_context")]
    share_context: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_nfs_share_id")]
    nfs_share: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_smb_share_id")]
    smb_share: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_iscsi_target_id")]
    target: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_iscsi_extent_id")]
    extent: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_iscsi_targettoextent_id")]
    target_extent: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_iscsi_assets_name")]
    assets_name: Option<Property>,
    #[serde(rename = "democratic-csi:iscsi_assets_name")]
    generic_assets_name: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_nvmeof_subsystem_id")]
    subsystem: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_nvmeof_namespace_id")]
    namespace: Option<Property>,
    #[serde(rename = "democratic-csi:freenas_nvmeof_assets_name")]
    nvme_assets_name: Option<Property>,
    #[serde(rename = "democratic-csi:nvmeof_assets_name")]
    generic_nvme_assets_name: Option<Property>,
    #[serde(rename = "tns-csi:managed_by")]
    tns_managed_by: Option<Property>,
    #[serde(rename = "tns-csi:csi_volume_name")]
    tns_volume_name: Option<Property>,
    #[serde(rename = "tns-csi:cluster_id")]
    tns_cluster: Option<Property>,
    #[serde(rename = "tns-csi:nfs_share_id")]
    tns_nfs_share: Option<Property>,
}

impl Markers {
    /// The driver whose properties these are.
    fn family(&self) -> Option<Family> {
        let own = [
            &self.volume_name,
            &self.managed,
            &self.provisioned,
            &self.snapshot_name,
        ];
        let of_tns = [&self.tns_managed_by, &self.tns_volume_name];
        if own.into_iter().any(Option::is_some) {
            return Some(Family::DemocraticCsi);
        }
        let is_tns = of_tns.into_iter().any(Option::is_some);
        is_tns.then_some(Family::TnsCsi)
    }

    fn volume_name(&self) -> Option<&Property> {
        self.volume_name.as_ref().or(self.tns_volume_name.as_ref())
    }

    fn managed(&self) -> Option<&Property> {
        self.managed.as_ref().or(self.tns_managed_by.as_ref())
    }

    fn assets_name(&self) -> Option<&str> {
        let names = [
            &self.assets_name,
            &self.generic_assets_name,
            &self.nvme_assets_name,
            &self.generic_nvme_assets_name,
        ];
        names.into_iter().find_map(text)
    }
}

impl Dataset {
    /// Its name in clear.
    pub(in crate::gather) fn name(&self) -> &str {
        &self.id
    }
}

fn is_listed(dataset: &Dataset) -> bool {
    let pool = dataset.id.split('/').next().unwrap_or_default();
    dataset.r#type.is_some() && !dataset.id.is_empty() && !is_boot(pool)
}

/// One row a dataset.
pub(in crate::gather) fn rows(
    datasets: &[Dataset],
    version: Version,
    schemas: &[NamingSchema],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<ZfsDataset> {
    let listed = datasets.iter().filter(|dataset| is_listed(dataset));
    listed
        .map(|dataset| row(dataset, version, schemas, appliance, redactor))
        .collect()
}

/// The counters of each dataset.
pub(in crate::gather) fn space_rows(
    datasets: &[Dataset],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<ZfsDatasetSpace> {
    let listed = datasets.iter().filter(|dataset| is_listed(dataset));
    listed
        .map(|dataset| ZfsDatasetSpace {
            appliance: appliance.clone(),
            path: redactor.path(&dataset.id),
            used_bytes: dataset.used.integer(),
            used_by_dataset_bytes: dataset.usedbydataset.integer(),
            used_by_snapshots_bytes: dataset.usedbysnapshots.integer(),
            used_by_children_bytes: dataset.usedbychildren.integer(),
            used_by_refreservation_bytes: dataset.usedbyrefreservation.integer(),
            referenced_bytes: dataset.referenced.integer(),
            logical_used_bytes: dataset.logicalused.integer(),
            written_bytes: dataset.written.integer(),
            available_bytes: dataset
                .available
                .integer()
                .filter(|_| !dataset.id.contains('/')),
        })
        .collect()
}

fn row(
    dataset: &Dataset,
    version: Version,
    schemas: &[NamingSchema],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> ZfsDataset {
    let id = dataset.id.as_str();
    let none = Markers::default();
    let markers = dataset.user_properties.as_ref().unwrap_or(&none);
    let parent = id.rsplit_once('/').map(|(parent, _)| parent);
    let grandparent = parent
        .and_then(|parent| parent.rsplit_once('/'))
        .map(|(path, _)| path);
    let origin = dataset
        .origin
        .text()
        .and_then(|origin| origin.split_once('@'));
    let (content_source_leaf, content_source_snapshot) = content_source(markers, schemas, redactor);
    let is_unlocked = dataset.key_loaded.unwrap_or(true);
    let context = text(&markers.share_context).and_then(ShareContext::parse);
    let context = context.unwrap_or_default();
    let (context_iqn_base, context_iqn_suffix) = match context.iqn().map(|iqn| redactor.iqn(iqn)) {
        Some((base, suffix)) => (Some(base), suffix),
        None => (None, None),
    };
    let assets_name = markers.assets_name();
    let around = assets_name.and_then(|name| around(name, last(id)));
    let around_token = |side: usize| {
        let text = around.as_ref().map(|sides| sides[side].as_str());
        text.filter(|text| !text.is_empty())
            .map(|text| redactor.asset(text))
    };
    ZfsDataset {
        appliance: appliance.clone(),
        path: redactor.path(id),
        parent: parent.map(|path| redactor.path(path)),
        grandparent: grandparent.map(|path| redactor.path(path)),
        pool: redactor.path(id.split('/').next().unwrap_or(id)),
        leaf: redactor.leaf(last(id)),
        parent_leaf: parent.map(|path| redactor.leaf(last(path))),
        leaf_uuid: redactor.sidecar_uid(last(id)),
        kind: DatasetKind::parse(dataset.r#type.as_deref().unwrap_or_default()),
        guid: dataset.guid.text().map(|guid| redactor.name(guid)),
        created_txg: dataset.createtxg.integer(),
        created_at: dataset.creation.time(),
        mount_path: dataset
            .mountpoint
            .as_deref()
            .filter(|path| path.starts_with('/'))
            .map(|path| redactor.mount_path(path)),
        origin_path: origin.map(|(path, _)| redactor.path(path)),
        origin_snapshot: origin.map(|(_, snapshot)| redactor.snapshot(snapshot, schemas)),
        is_readonly: dataset.readonly.switch(),
        is_locked: dataset
            .locked
            .unwrap_or(dataset.encrypted == Some(true) && !is_unlocked),
        is_encrypted: dataset
            .encrypted
            .or_else(|| is_encrypted(&dataset.encryption)),
        encryption_root: dataset
            .encryption_root
            .as_deref()
            .filter(|path| !path.is_empty())
            .map(|path| redactor.path(path)),
        volsize_bytes: dataset.volsize.limit(),
        volblocksize_bytes: dataset.volblocksize.limit(),
        recordsize_bytes: dataset.recordsize.limit(),
        quota_bytes: dataset.quota.limit(),
        refquota_bytes: dataset.refquota.limit(),
        reservation_bytes: dataset.reservation.limit(),
        refreservation_bytes: dataset.refreservation.limit(),
        sync: SyncMode::parse(&word(&dataset.sync)),
        compression: Compression::parse(
            word(&dataset.compression)
                .split('-')
                .next()
                .unwrap_or_default(),
        ),
        is_dedup: dataset.deduplication.text().map(|mode| mode != "off"),
        marker_family: markers.family(),
        csi_volume_name: markers
            .volume_name()
            .and_then(Property::text)
            .map(|name| redactor.leaf(name)),
        csi_volume_name_source: markers.volume_name().map(|it| it.source(version)),
        is_managed: matches!(
            markers.managed().and_then(Property::text),
            Some("true" | "tns-csi")
        ),
        managed_source: markers.managed().map(|it| it.source(version)),
        is_provisioned: text(&markers.provisioned) == Some("true"),
        provisioner: text(&markers.provisioner).map(Provisioner::parse),
        instance: text(&markers.instance)
            .or_else(|| text(&markers.tns_cluster))
            .map(|id| redactor.name(id)),
        csi_snapshot_name: text(&markers.snapshot_name)
            .map(|name| redactor.snapshot(name, schemas)),
        csi_snapshot_source: text(&markers.snapshot_source).map(|name| redactor.leaf(last(name))),
        content_source_leaf,
        content_source_snapshot,
        context: context.token(redactor),
        context_share_path: context.nfs_path().map(|path| redactor.mount_path(path)),
        context_share_name: context.smb_name().map(|name| redactor.smb(name)),
        context_server_host: context.server().map(|host| redactor.host(host)),
        context_iqn_base,
        context_iqn_suffix,
        context_lun: context.lun(),
        context_nqn: context.nqn().map(|nqn| redactor.name(nqn)),
        context_nsid: context.nsid(),
        nfs_share_id: number(&markers.nfs_share).or_else(|| number(&markers.tns_nfs_share)),
        smb_share_id: number(&markers.smb_share),
        iscsi_target_id: number(&markers.target),
        iscsi_extent_id: number(&markers.extent),
        iscsi_target_extent_id: number(&markers.target_extent),
        nvmet_subsys_id: number(&markers.subsystem),
        nvmet_namespace_id: number(&markers.namespace),
        assets_name: assets_name.map(|name| redactor.asset(name)),
        assets_has_leaf: assets_name.map(|_| around.is_some()),
        assets_prefix: around_token(0),
        assets_suffix: around_token(1),
        managed_by: dataset.managedby.text().map(|host| redactor.host(host)),
        flat_path: redactor.name(&id.replace('/', "-")),
        path_length_chars: i64::try_from(id.chars().count()).unwrap_or(i64::MAX),
    }
}

/// What stands before and behind the last component of the path in a name, which the driver writes in lower case.
fn around(name: &str, leaf: &str) -> Option<[String; 2]> {
    let (name, leaf) = (name.to_lowercase(), leaf.to_lowercase());
    let (before, behind) = name.split_once(&leaf)?;
    Some([before.to_owned(), behind.to_owned()])
}

/// What the property itself says, where the row does not.
fn is_encrypted(encryption: &Property) -> Option<bool> {
    encryption.text().map(|algorithm| algorithm != "off")
}

fn text(property: &Option<Property>) -> Option<&str> {
    property.as_ref().and_then(Property::text)
}

fn number(property: &Option<Property>) -> Option<i64> {
    property.as_ref().and_then(Property::integer)
}

fn word(property: &Property) -> String {
    property.text().unwrap_or_default().to_uppercase()
}

/// Volume and snapshot of a clone or restore: a volume handle, `volume@snapshot`, or `volume/snapshot`.
fn content_source(
    markers: &Markers,
    schemas: &[NamingSchema],
    redactor: &Redactor,
) -> (Option<Leaf>, Option<Leaf>) {
    let Some(id) = text(&markers.content_source_id) else {
        return (None, None);
    };
    if text(&markers.content_source_type) != Some("snapshot") {
        return (Some(redactor.leaf(last(id))), None);
    }
    match id.split_once('@').or_else(|| id.rsplit_once('/')) {
        Some((volume, snapshot)) => (
            Some(redactor.leaf(last(volume))),
            Some(redactor.snapshot(snapshot, schemas)),
        ),
        None => (None, Some(redactor.snapshot(id, schemas))),
    }
}

#[cfg(test)]
mod tests;
