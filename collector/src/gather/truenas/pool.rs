//! Pools. The boot pool is left out.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasPool;
use truenas_common::tables::code::{PoolLayout, PoolStatus, ScanFunction, ScanState};
use truenas_common::time::Time;

use crate::gather::property::{Property, Text};
use crate::gather::truenas::vdev::{Topology, Vdev};
use crate::gather::{Gatherer, Read};
use crate::source::truenas::POOL_QUERY;
use crate::source::truenas::ejson::Date;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/pool",
    why: "Size, health and layout of pools; the guid of the oldest pool is the identity of the appliance.",
    reads: &[Read::Truenas(&POOL_QUERY)],
    tables: &["nas_pool"],
};

/// A pool; serial numbers of missing disks are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Pool {
    id: i64,
    pub(super) name: String,
    guid: Option<Text>,
    status: String,
    healthy: Option<bool>,
    size: Option<i64>,
    allocated: Option<i64>,
    free: Option<i64>,
    freeing: Option<i64>,
    fragmentation: Option<Text>,
    pub(super) topology: Option<Topology>,
    scan: Option<Scan>,
    expand: Option<Expand>,
    autotrim: Property,
    dedup_table_size: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Scan {
    function: Option<String>,
    state: Option<String>,
    start_time: Option<Date>,
    end_time: Option<Date>,
    percentage: Option<f64>,
    errors: Option<i64>,
    pause: Option<IgnoredAny>,
}

/// The expansion of a RAIDZ vdev.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Expand {
    state: Option<String>,
}

/// Whether a pool holds the appliance's own software.
pub(in crate::gather) fn is_boot(pool: &str) -> bool {
    matches!(pool, "boot-pool" | "freenas-boot")
}

/// The guid of the pool with the lowest id.
pub(in crate::gather) fn identity(pools: &[Pool]) -> Option<&str> {
    let own = pools.iter().filter(|pool| !is_boot(&pool.name));
    let oldest = own.min_by_key(|pool| pool.id)?;
    oldest.guid.as_ref().map(|guid| guid.0.as_str())
}

/// One row a pool.
pub(in crate::gather) fn rows(
    pools: &[Pool],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasPool> {
    let own = pools.iter().filter(|pool| !is_boot(&pool.name));
    own.map(|pool| {
        let vdevs = pool
            .topology
            .as_ref()
            .and_then(|topology| topology.data.as_deref());
        let vdevs = vdevs.unwrap_or_default();
        let scan = pool.scan.as_ref();
        let function = scan.and_then(|scan| scan.function.as_deref());
        NasPool {
            appliance: appliance.clone(),
            name: redactor.path(&pool.name),
            guid: redactor.name(pool.guid.as_ref().map_or("", |guid| guid.0.as_str())),
            status: PoolStatus::parse(&pool.status),
            is_healthy: pool.healthy.unwrap_or(false),
            size_bytes: pool.size,
            allocated_bytes: pool.allocated,
            free_bytes: pool.free,
            freeing_bytes: pool.freeing,
            fragmentation_percent: pool
                .fragmentation
                .as_ref()
                .and_then(|text| text.0.trim_end_matches('%').parse().ok()),
            layout: layout(vdevs),
            n_data_vdevs: i64::try_from(vdevs.len()).unwrap_or(i64::MAX),
            scan_function: function.map(ScanFunction::parse),
            scan_state: function
                .and(scan)
                .and_then(|scan| scan.state.as_deref())
                .map(ScanState::parse),
            scan_ended_at: scan.and_then(|scan| scan.end_time).map(time),
            scan_started_at: scan.and_then(|scan| scan.start_time).map(time),
            scan_percent: scan.and_then(|scan| scan.percentage).map(whole),
            n_scan_errors: scan.and_then(|scan| scan.errors),
            is_scan_paused: scan.map(|scan| scan.pause.is_some()),
            expand_state: pool
                .expand
                .as_ref()
                .and_then(|expand| expand.state.as_deref())
                .map(ScanState::parse),
            is_autotrim: pool.autotrim.switch(),
            dedup_table_bytes: pool.dedup_table_size,
        }
    })
    .collect()
}

fn time(date: Date) -> Time {
    Time::from_unix_secs(date.unix_secs())
}

/// Whole percent, rounded down: a scan that runs is never done.
fn whole(percent: f64) -> i64 {
    percent.clamp(0.0, 100.0) as i64
}

fn layout(vdevs: &[Vdev]) -> PoolLayout {
    let kinds: BTreeSet<&str> = vdevs.iter().map(|vdev| vdev.kind()).collect();
    let mut kinds = kinds.into_iter();
    let Some(kind) = kinds.next() else {
        return PoolLayout::Unknown;
    };
    if kinds.next().is_some() {
        return PoolLayout::Mixed;
    }
    match kind {
        "DISK" | "FILE" | "STRIPE" => PoolLayout::Stripe,
        kind if kind.starts_with("DRAID") => PoolLayout::Draid,
        kind => PoolLayout::parse(&kind.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn pools() -> Vec<Pool> {
        serde_json::from_str(
            r#"[{"id": 2, "name": "fast", "guid": 22, "status": "OFFLINE", "size": null, "topology": null, "scan": null},
                {"id": 1, "name": "tank", "guid": "8443409799014097611", "status": "ONLINE", "healthy": true, "size": 100,
                 "allocated": 40, "free": 60, "freeing": 0, "fragmentation": "7",
                 "topology": {"data": [{"type": "RAIDZ2", "children": [{"type": "DISK", "disk": "sda"}]}]},
                 "scan": {"function": "SCRUB", "state": "FINISHED", "start_time": {"$date": 1766880000000},
                  "end_time": {"$date": 1766901133000}, "percentage": 99.998, "errors": 2, "pause": null},
                 "expand": {"state": "SCANNING"}, "autotrim": {"parsed": "on", "rawvalue": "on"}},
                {"id": 0, "name": "boot-pool", "guid": "1", "status": "ONLINE"}]"#,
        )
        .unwrap()
    }

    #[test]
    fn oldest_pool_is_the_identity_and_the_boot_pool_does_not_count() {
        assert_eq!(identity(&pools()), Some("8443409799014097611"));
        assert_eq!(identity(&[]), None);
    }

    #[test]
    fn offline_pool_is_a_row_without_sizes() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&pools(), &redactor.name("a"), &redactor);
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].size_bytes, rows[0].layout),
            (None, PoolLayout::Unknown)
        );
        assert_eq!(
            (rows[1].layout, rows[1].n_data_vdevs),
            (PoolLayout::Raidz2, 1)
        );
        assert_eq!(rows[1].fragmentation_percent, Some(7));
        assert_eq!(
            rows[1].scan_ended_at,
            Some(Time::from_unix_secs(1_766_901_133))
        );
        assert_eq!(
            (rows[1].scan_percent, rows[1].n_scan_errors),
            (Some(99), Some(2))
        );
        assert_eq!(
            (rows[1].is_scan_paused, rows[1].is_autotrim),
            (Some(false), Some(true))
        );
        assert_eq!(rows[1].expand_state, Some(ScanState::Scanning));
        assert_eq!((rows[0].is_scan_paused, rows[0].expand_state), (None, None));
    }
}
