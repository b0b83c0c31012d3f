//! Snapshots of every release: who makes them, what they hold, and which volume they belong to.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::{ApplianceId, NamingSchema, Redactor};
use truenas_common::tables::ZfsSnapshot;
use truenas_common::tables::code::{PropertySource, SnapshotOrigin};
use truenas_common::time::Time;

use crate::gather::metadata::last;
use crate::gather::property::{Property, Text};
use crate::gather::truenas::pool::is_boot;
use crate::gather::truenas::snapshot_task::Task;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::{
    POOL_SNAPSHOT_QUERY, POOL_SNAPSHOTTASK_QUERY, Version, ZFS_RESOURCE_SNAPSHOT_COUNT,
    ZFS_RESOURCE_SNAPSHOT_QUERY, ZFS_SNAPSHOT_QUERY,
};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/snapshot",
    why: "Snapshots with their makers: of drivers, of periodic tasks, of others; each release has one of these methods.",
    reads: &[
        Read::Truenas(&POOL_SNAPSHOTTASK_QUERY),
        Read::Truenas(&ZFS_SNAPSHOT_QUERY),
        Read::Truenas(&POOL_SNAPSHOT_QUERY),
        Read::Truenas(&ZFS_RESOURCE_SNAPSHOT_COUNT),
        Read::Truenas(&ZFS_RESOURCE_SNAPSHOT_QUERY),
    ],
    tables: &["zfs_snapshot"],
};

/// Properties to ask for up to 25.10; never none, as that would mean all.
pub(in crate::gather) const PROPERTIES: &[&str] = &[
    "creation",
    "defer_destroy",
    "guid",
    "referenced",
    "used",
    "userrefs",
    "written",
];

/// Properties to ask for from 26 on.
pub(in crate::gather) const RESOURCE_PROPERTIES: &[&str] =
    &["creation", "referenced", "used", "written"];

/// What the tasks of an appliance say about names.
#[derive(Debug, Default)]
pub(in crate::gather) struct Schemas {
    tasks: Vec<(Task, NamingSchema)>,
    /// All schemas, the default among them.
    pub(in crate::gather) known: Vec<NamingSchema>,
}

impl Schemas {
    /// Takes the tasks' schemas; those that hold no date are of no use.
    pub(in crate::gather) fn new(tasks: Vec<Task>, default: Option<NamingSchema>) -> Self {
        let tasks: Vec<_> = tasks
            .into_iter()
            .filter_map(|task| {
                let schema = NamingSchema::parse(task.naming_schema.as_deref()?)?;
                Some((task, schema))
            })
            .collect();
        let mut known: Vec<NamingSchema> = tasks.iter().map(|(_, schema)| schema.clone()).collect();
        known.extend(default);
        known.sort_by(|a, b| a.text().cmp(b.text()));
        known.dedup();
        Self { tasks, known }
    }

    fn of_task(&self, dataset: &str, name: &str) -> Option<&NamingSchema> {
        let is_within = |inner: &str, outer: &str| {
            inner
                .strip_prefix(outer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let covers = |task: &Task| {
            let is_below = task.recursive && is_within(dataset, &task.dataset);
            let is_excluded = task
                .exclude
                .iter()
                .flatten()
                .any(|excluded| is_within(dataset, excluded));
            (task.dataset == dataset || is_below) && !is_excluded
        };
        self.tasks
            .iter()
            .find(|(task, schema)| covers(task) && schema.split(name).is_some())
            .map(|(_, schema)| schema)
    }
}

/// A snapshot up to 25.10.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct PoolSnapshot {
    name: String,
    createtxg: Option<Text>,
    properties: Properties,
}

impl PoolSnapshot {
    /// The full name, for reading on after it.
    pub(in crate::gather) fn name(&self) -> &str {
        &self.name
    }

    /// The transaction group that made it.
    pub(in crate::gather) fn txg(&self) -> Option<i64> {
        self.createtxg.as_ref()?.integer()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Properties {
    creation: Property,
    used: Property,
    referenced: Property,
    written: Property,
    guid: Property,
    userrefs: Property,
    defer_destroy: Property,
    #[serde(rename = "democratic-csi:csi_snapshot_name")]
    csi_name: Option<Property>,
    #[serde(rename = "democratic-csi:csi_snapshot_source_volume_id")]
    source_volume: Option<Property>,
}

/// A snapshot from 26 on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct ResourceSnapshot {
    name: String,
    createtxg: Option<Text>,
    guid: Option<Text>,
    holds: Option<Vec<IgnoredAny>>,
    properties: Option<ResourceProperties>,
    user_properties: Option<ResourceMarkers>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResourceProperties {
    creation: Property,
    used: Property,
    referenced: Property,
    written: Property,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResourceMarkers {
    #[serde(rename = "democratic-csi:csi_snapshot_name")]
    csi_name: Option<String>,
    #[serde(rename = "democratic-csi:csi_snapshot_source_volume_id")]
    source_volume: Option<String>,
}

/// A snapshot of any release.
#[derive(Debug, Default)]
pub(in crate::gather) struct Snapshot {
    name: String,
    created_txg: i64,
    guid: Option<String>,
    created_at: Option<Time>,
    used: Option<i64>,
    referenced: Option<i64>,
    written: Option<i64>,
    n_holds: Option<i64>,
    is_defer_destroy: Option<bool>,
    csi_name: Option<(String, PropertySource)>,
    source_volume: Option<String>,
}

impl Snapshot {
    /// Brings a snapshot up to 25.10 into the common form.
    pub(in crate::gather) fn from_pool(found: PoolSnapshot, version: Version) -> Self {
        let properties = &found.properties;
        let text = |property: &Property| property.text().map(str::to_owned);
        let csi_name = properties
            .csi_name
            .as_ref()
            .and_then(|it| Some((text(it)?, it.source(version))));
        Self {
            created_txg: found.txg().unwrap_or(0),
            name: found.name,
            guid: text(&properties.guid),
            created_at: properties.creation.time(),
            used: properties.used.integer(),
            referenced: properties.referenced.integer(),
            written: properties.written.integer(),
            n_holds: properties.userrefs.integer(),
            is_defer_destroy: properties.defer_destroy.switch(),
            csi_name,
            source_volume: properties.source_volume.as_ref().and_then(text),
        }
    }

    /// Brings a snapshot from 26 on into the common form.
    pub(in crate::gather) fn from_resource(found: ResourceSnapshot) -> Self {
        let properties = found.properties.unwrap_or_default();
        let markers = found.user_properties.unwrap_or_default();
        Self {
            name: found.name,
            created_txg: found.createtxg.and_then(|txg| txg.integer()).unwrap_or(0),
            guid: found.guid.map(|guid| guid.0),
            created_at: properties.creation.time(),
            used: properties.used.integer(),
            referenced: properties.referenced.integer(),
            written: properties.written.integer(),
            n_holds: Some(found.holds.map_or(0, |holds| holds.len() as i64)),
            is_defer_destroy: None,
            csi_name: markers.csi_name.map(|name| (name, PropertySource::Unknown)),
            source_volume: markers.source_volume,
        }
    }
}

/// One row a snapshot; those of the boot pool are left out.
pub(in crate::gather) fn rows(
    snapshots: &[Snapshot],
    schemas: &Schemas,
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<ZfsSnapshot> {
    let row = |snapshot: &Snapshot| {
        let (dataset, name) = snapshot.name.split_once('@')?;
        let is_boot = is_boot(dataset.split('/').next().unwrap_or_default());
        (!is_boot).then(|| row(snapshot, dataset, name, schemas, appliance, redactor))
    };
    snapshots.iter().filter_map(row).collect()
}

fn row(
    snapshot: &Snapshot,
    dataset: &str,
    name: &str,
    schemas: &Schemas,
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> ZfsSnapshot {
    let schema = schemas.of_task(dataset, name);
    let (csi_name, csi_source) = match &snapshot.csi_name {
        Some((name, source)) => (Some(name.as_str()), Some(*source)),
        None => (None, None),
    };
    let own_csi = csi_name.filter(|csi| match csi_source {
        Some(PropertySource::Unknown) => *csi == name,
        source => source == Some(PropertySource::Local),
    });
    let parent = dataset.rsplit_once('/').map(|(parent, _)| parent);
    ZfsSnapshot {
        appliance: appliance.clone(),
        dataset: redactor.path(dataset),
        name: redactor.snapshot(name, &schemas.known),
        dataset_parent: parent.map(|path| redactor.path(path)),
        dataset_leaf: redactor.leaf(last(dataset)),
        class: class(name, own_csi.is_some(), schema.is_some(), redactor),
        schema: schema.map(|schema| redactor.name(schema.text())),
        uuid: redactor.sidecar_uid(name),
        guid: snapshot.guid.as_deref().map(|guid| redactor.name(guid)),
        created_txg: snapshot.created_txg,
        created_at: snapshot.created_at,
        used_bytes: snapshot.used,
        referenced_bytes: snapshot.referenced,
        written_bytes: snapshot.written,
        n_holds: snapshot.n_holds,
        is_defer_destroy: snapshot.is_defer_destroy,
        csi_snapshot_name: csi_name.map(|name| redactor.snapshot(name, &schemas.known)),
        csi_snapshot_name_source: csi_source,
        source_volume: snapshot
            .source_volume
            .as_deref()
            .map(|volume| redactor.leaf(last(volume))),
        ref_leaf: name
            .strip_prefix("volume-source-for-volume-")
            .map(|volume| redactor.leaf(volume)),
        ref_snapshot: name
            .strip_prefix("volume-source-for-snapshot-")
            .map(|snapshot| redactor.snapshot(snapshot, &schemas.known)),
        flat: vendor_clone(name).map(|flat| redactor.name(flat)),
    }
}

fn class(name: &str, is_csi: bool, is_periodic: bool, redactor: &Redactor) -> SnapshotOrigin {
    if name.starts_with("volume-source-for-volume-") {
        return SnapshotOrigin::CloneSource;
    }
    if name.starts_with("volume-source-for-snapshot-") {
        return SnapshotOrigin::DetachSource;
    }
    let is_sidecar_name = name.starts_with("snapshot-") && redactor.sidecar_uid(name).is_some();
    if is_csi || is_sidecar_name {
        return SnapshotOrigin::Csi;
    }
    if vendor_clone(name).is_some() {
        return SnapshotOrigin::TruenasCsiClone;
    }
    if is_periodic {
        return SnapshotOrigin::Periodic;
    }
    SnapshotOrigin::Foreign
}

/// The flat volume in `csi-clone-VOLUME-SECONDS`.
fn vendor_clone(name: &str) -> Option<&str> {
    let (flat, seconds) = name.strip_prefix("csi-clone-")?.rsplit_once('-')?;
    let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !flat.is_empty()).then_some(flat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::naming::default_schema;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    fn schemas() -> Schemas {
        let task = r#"[{"dataset": "tank/k8s", "recursive": true, "exclude": ["tank/k8s/skip"],
                        "naming_schema": "auto-%Y-%m-%d_%H-%M"}]"#;
        Schemas::new(serde_json::from_str(task).unwrap(), default_schema())
    }

    fn found(name: &str, properties: &str, version: Version) -> ZfsSnapshot {
        let json = format!(
            r#"{{"name": "{name}", "createtxg": "5123456", "type": "SNAPSHOT", "properties": {{
                 "creation": {{"rawvalue": "1766880000", "parsed": {{"$date": 1766880000000}}}}, "used": {{"parsed": 7}},
                 "userrefs": {{"rawvalue": "1", "parsed": "1"}}, "defer_destroy": {{"rawvalue": "on"}},
                 "guid": {{"rawvalue": "18446744073709551615", "parsed": "18446744073709551615"}}{properties}}}}}"#
        );
        let snapshot = Snapshot::from_pool(serde_json::from_str(&json).unwrap(), version);
        let redactor = redactor();
        rows(&[snapshot], &schemas(), &redactor.name("a"), &redactor).remove(0)
    }

    #[track_caller]
    fn check(name: &str, expected: SnapshotOrigin) {
        assert_eq!(found(name, "", Version::new(25, 4)).class, expected);
    }

    #[test]
    fn name_tells_who_makes_it() {
        check(
            "tank/k8s/v/a@auto-2026-03-05_00-00",
            SnapshotOrigin::Periodic,
        );
        check(
            "tank/k8s/skip/a@auto-2026-03-05_00-00",
            SnapshotOrigin::Foreign,
        );
        check("tank/other@auto-2026-03-05_00-00", SnapshotOrigin::Foreign);
        check(
            "tank/k8s/a@snapshot-c4a6448d-4ce0-4b18-8c18-21dba7897214",
            SnapshotOrigin::Csi,
        );
        check(
            "tank/k8s/a@volume-source-for-volume-b",
            SnapshotOrigin::CloneSource,
        );
        check(
            "tank/k8s/a@volume-source-for-snapshot-b",
            SnapshotOrigin::DetachSource,
        );
        check(
            "tank/k8s/a@csi-clone-tank-b-1772700000",
            SnapshotOrigin::TruenasCsiClone,
        );
        check("tank/k8s/a@before-upgrade", SnapshotOrigin::Foreign);
    }

    #[test]
    fn inherited_marker_does_not_make_a_csi_snapshot() {
        let marker = |source| {
            format!(
                r#", "democratic-csi:csi_snapshot_name": {{"rawvalue": "weekly", "source": "{source}"}}"#
            )
        };
        let inherited = found("t/a@x", &marker("INHERITED"), Version::new(25, 4));
        assert_eq!(inherited.class, SnapshotOrigin::Foreign);
        let local = found("t/a@x", &marker("LOCAL"), Version::new(25, 4));
        assert_eq!(local.class, SnapshotOrigin::Csi);
        let unknown = found("t/a@x", &marker("LOCAL"), Version::new(25, 10));
        assert_eq!(unknown.class, SnapshotOrigin::Foreign);
        let same = found("t/a@weekly", &marker("LOCAL"), Version::new(25, 10));
        assert_eq!(same.class, SnapshotOrigin::Csi);
    }

    #[test]
    fn counters_holds_and_a_guid_of_64_bits_are_read() {
        let row = found(
            "tank/k8s/v/a@auto-2026-03-05_00-00",
            "",
            Version::new(24, 4),
        );
        assert_eq!(
            (row.created_txg, row.n_holds, row.used_bytes),
            (5_123_456, Some(1), Some(7))
        );
        assert_eq!(row.is_defer_destroy, Some(true));
        assert_eq!(row.guid, Some(redactor().name("18446744073709551615")));
        assert_eq!(row.name.as_str(), "auto-2026-03-05_00-00");
        assert!(row.schema.is_some());
    }

    #[test]
    fn row_of_the_newest_release_is_the_same_row() {
        let json = r#"{"name": "tank/a@x", "createtxg": 9, "guid": 18446744073709551615, "holds": ["keep"],
            "properties": {"creation": {"raw": "1766880000", "value": 1766880000, "source": null}, "used": {"raw": "7", "value": 7}},
            "user_properties": {"democratic-csi:csi_snapshot_name": "x", "democratic-csi:csi_snapshot_source_volume_id": "a"}}"#;
        let snapshot = Snapshot::from_resource(serde_json::from_str(json).unwrap());
        let redactor = redactor();
        let row = rows(&[snapshot], &schemas(), &redactor.name("a"), &redactor).remove(0);
        assert_eq!(
            (row.class, row.n_holds, row.used_bytes),
            (SnapshotOrigin::Csi, Some(1), Some(7))
        );
        assert_eq!(row.created_at, Some(Time::from_unix_secs(1_766_880_000)));
        assert_eq!(row.source_volume, Some(redactor.leaf("a")));
    }
}
