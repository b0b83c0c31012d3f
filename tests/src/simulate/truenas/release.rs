//! What differs between TrueNAS releases, as data.

use std::fmt;
use std::time::Duration;

/// A simulated TrueNAS release.
#[derive(Clone, Copy)]
pub struct Version(&'static Release);

impl Version {
    /// Finds a release by the name that worlds use: `24.04`, `24.10`, `25.04`, `25.10` or `26`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        RELEASES
            .iter()
            .find(|release| release.name == name)
            .map(Self)
    }

    /// Name that worlds use.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub(super) fn release(self) -> &'static Release {
        self.0
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.name)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Version {}

/// How one release behaves.
#[derive(Debug)]
pub(super) struct Release {
    /// Name that worlds use.
    pub(super) name: &'static str,
    /// Answer of `system.version`.
    pub(super) full_name: &'static str,
    /// Answer of `GET /api/versions`; empty before JSON-RPC existed.
    pub(super) api_versions: &'static [&'static str],
    /// Public methods with their roles, JSON.
    pub(super) methods: &'static str,
    /// Largest `limit` that query-options may hold.
    pub(super) max_limit: Option<i64>,
    /// True when calls before login are counted.
    pub(super) has_rate_limit: bool,
    /// True when JSON-RPC errors carry stack frames with the server's locals.
    pub(super) has_frames: bool,
    /// True when SCRAM logins are offered.
    pub(super) has_scram: bool,
    /// Silence after which the proxy in front of the API cuts a connection.
    pub(super) idle_limit: Duration,
    /// How `pool.dataset.query` works.
    pub(super) datasets: DatasetRules,
    /// How snapshots are queried.
    pub(super) snapshots: SnapshotRules,
}

/// The two generations of `pool.dataset.query`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatasetRules {
    /// Up to 25.04: mapped properties only, true sources of user properties.
    Mapped,
    /// From 25.10: any ZFS property that is asked for, user properties always `LOCAL`, and `zfs.resource.query`.
    Native,
}

/// The generations of snapshot queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SnapshotRules {
    /// `zfs.snapshot.query`.
    Zfs,
    /// `pool.snapshot.query`, the same answers under a new name.
    Pool,
    /// `zfs.resource.snapshot.query`, and `pool.snapshot.query` as a thin layer over it.
    Resource,
}

impl Release {
    /// True when the release speaks JSON-RPC.
    pub(super) fn has_rpc(&self) -> bool {
        !self.api_versions.is_empty()
    }
}

const PROXY_DEFAULT: Duration = Duration::from_secs(60);

static RELEASES: [Release; 5] = [
    Release {
        name: "24.04",
        full_name: "TrueNAS-SCALE-24.04.2.5",
        api_versions: &[],
        methods: include_str!("../../../recorded/schemas/truenas/methods/TS-24.04.2.5.json"),
        max_limit: None,
        has_rate_limit: false,
        has_frames: true,
        has_scram: false,
        idle_limit: PROXY_DEFAULT,
        datasets: DatasetRules::Mapped,
        snapshots: SnapshotRules::Zfs,
    },
    Release {
        name: "24.10",
        full_name: "TrueNAS-SCALE-24.10.2.4",
        api_versions: &[],
        methods: include_str!("../../../recorded/schemas/truenas/methods/TS-24.10.2.4.json"),
        max_limit: None,
        has_rate_limit: true,
        has_frames: true,
        has_scram: false,
        idle_limit: PROXY_DEFAULT,
        datasets: DatasetRules::Mapped,
        snapshots: SnapshotRules::Zfs,
    },
    Release {
        name: "25.04",
        full_name: "TrueNAS-25.04.2.6",
        api_versions: &["v25.04.0", "v25.04.1", "v25.04.2"],
        methods: include_str!("../../../recorded/schemas/truenas/methods/TS-25.04.2.6.json"),
        max_limit: None,
        has_rate_limit: true,
        has_frames: true,
        has_scram: false,
        idle_limit: PROXY_DEFAULT,
        datasets: DatasetRules::Mapped,
        snapshots: SnapshotRules::Zfs,
    },
    Release {
        name: "25.10",
        full_name: "TrueNAS-25.10.5",
        api_versions: &[
            "v25.04.0", "v25.04.1", "v25.04.2", "v25.10.0", "v25.10.1", "v25.10.2", "v25.10.3",
            "v25.10.4", "v25.10.5",
        ],
        methods: include_str!("../../../recorded/schemas/truenas/methods/TS-25.10.6.json"),
        max_limit: Some(10_000),
        has_rate_limit: true,
        has_frames: true,
        has_scram: false,
        idle_limit: PROXY_DEFAULT,
        datasets: DatasetRules::Native,
        snapshots: SnapshotRules::Pool,
    },
    Release {
        name: "26",
        full_name: "TrueNAS-26.0.0-BETA.3",
        api_versions: &[
            "v25.04.0", "v25.04.1", "v25.04.2", "v25.10.0", "v25.10.1", "v25.10.2", "v25.10.3",
            "v25.10.4", "v26.0.0",
        ],
        methods: include_str!("../../../recorded/schemas/truenas/methods/TS-26.0.0-BETA.3.json"),
        max_limit: Some(10_000),
        has_rate_limit: true,
        has_frames: false,
        has_scram: true,
        idle_limit: Duration::from_secs(3600),
        datasets: DatasetRules::Native,
        snapshots: SnapshotRules::Resource,
    },
];
