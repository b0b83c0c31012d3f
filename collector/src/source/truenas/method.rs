//! Every method that can be called on TrueNAS, with the right that it needs.
//!
//! All are reads that answer at once, none is a job, and none is on the list of reads that give secrets away. To call
//! one more method, add one line here and name it in the gatherer that reads it; tests compare each line with the
//! recorded method lists of the releases and with the gatherers.

use crate::source::truenas::Version;

/// One method; cannot be made outside this file:
///
/// ```compile_fail,E0451
/// use truenas_collector::source::truenas::{Method, Version};
/// fn create() -> Method {
///     Method { name: "pool.create", since: Version::NEWEST, until: None, roles: &[], guard: unreachable!() }
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    name: &'static str,
    since: Version,
    until: Option<Version>,
    roles: &'static [&'static str],
    pub(super) guard: Guard,
}

/// What the parameters must or must not say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// Anything.
    None,
    /// A `select` is needed and none of these fields may be in it, as the server sends them in clear.
    Select(&'static [&'static str]),
    /// This key may not be in `extra`.
    NoExtra(&'static str),
}

impl Method {
    /// Name as it is sent.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What a listener is told: `login` or `call`.
    pub(super) fn verb(&self) -> &'static str {
        if self.name.starts_with("auth.login") {
            "login"
        } else {
            "call"
        }
    }

    /// True when this release line has the method and lets an API key call it.
    pub fn is_served(&self, version: Version) -> bool {
        self.since <= version.line() && self.until.is_none_or(|until| version.line() <= until)
    }

    /// True when some appliances of a release that has it do not: other editions, early builds.
    pub fn is_optional(&self) -> bool {
        self.name.starts_with("nvmet.") || OPTIONAL.contains(&self.name)
    }

    /// The first release line that has it.
    pub fn since(&self) -> Version {
        self.since
    }

    /// The last release line that has it, if it went away.
    pub fn until(&self) -> Option<Version> {
        self.until
    }

    /// The role that the key's user needs; empty when any login will do, and before 25.04, where a key has a list of
    /// its own: `{"method": "CALL", "resource": name}`.
    pub fn roles(&self, version: Version) -> &'static [&'static str] {
        if version < Version::JSON_RPC {
            &[]
        } else {
            self.roles
        }
    }
}

const OPTIONAL: &[&str] = &["failover.status", "update.config", "zpool.query"];

const CORE_13: Version = Version::new(13, 3);
const R22_12: Version = Version::new(22, 12);
const R25_04: Version = Version::new(25, 4);
const R25_10: Version = Version::new(25, 10);
const R26: Version = Version::new(26, 0);

macro_rules! methods {
    ($($name:ident = $method:literal, $since:ident $(..= $until:ident)?, $roles:expr $(, $guard:expr)?;)+) => {
        $(
            #[doc = concat!("`", $method, "`")]
            pub static $name: Method = Method {
                name: $method,
                since: $since,
                until: methods!(@until $($until)?),
                roles: &$roles,
                guard: methods!(@guard $($guard)?),
            };
        )+

        impl Method {
            /// Every method that gatherers can call.
            pub const ALL: &'static [&'static Self] = &[$(&$name),+];
        }
    };
    (@until) => { None };
    (@until $until:ident) => { Some($until) };
    (@guard) => { Guard::None };
    (@guard $guard:expr) => { $guard };
}

methods! {
    SYSTEM_VERSION = "system.version", CORE_13, [];
    CORE_GET_METHODS = "core.get_methods", CORE_13, [];
    AUTH_ME = "auth.me", R22_12, [];
    POOL_QUERY = "pool.query", CORE_13, ["POOL_READ"];
    ZPOOL_QUERY = "zpool.query", R26, ["POOL_READ"];
    POOL_SCRUB_QUERY = "pool.scrub.query", CORE_13, ["POOL_SCRUB_READ"];
    POOL_DATASET_QUERY = "pool.dataset.query", CORE_13, ["DATASET_READ"];
    ZFS_SNAPSHOT_QUERY = "zfs.snapshot.query", CORE_13 ..= R25_04, ["SNAPSHOT_READ"];
    POOL_SNAPSHOT_QUERY = "pool.snapshot.query", R25_10, ["SNAPSHOT_READ"];
    ZFS_RESOURCE_SNAPSHOT_QUERY = "zfs.resource.snapshot.query", R26, ["SNAPSHOT_READ"];
    ZFS_RESOURCE_SNAPSHOT_COUNT = "zfs.resource.snapshot.count", R26, ["SNAPSHOT_READ"];
    POOL_SNAPSHOTTASK_QUERY = "pool.snapshottask.query", CORE_13, ["SNAPSHOT_TASK_READ"];
    REPLICATION_QUERY = "replication.query", CORE_13, ["REPLICATION_TASK_READ"],
        Guard::Select(&["encryption_key", "ssh_credentials", "netcat_active_side_listen_address", "job"]);
    ISCSI_GLOBAL_CONFIG = "iscsi.global.config", CORE_13, ["SHARING_ISCSI_GLOBAL_READ"];
    ISCSI_GLOBAL_SESSIONS = "iscsi.global.sessions", CORE_13, ["SHARING_ISCSI_GLOBAL_READ"];
    ISCSI_PORTAL_QUERY = "iscsi.portal.query", CORE_13, ["SHARING_ISCSI_PORTAL_READ"];
    ISCSI_INITIATOR_QUERY = "iscsi.initiator.query", CORE_13, ["SHARING_ISCSI_INITIATOR_READ"];
    ISCSI_TARGET_QUERY = "iscsi.target.query", CORE_13, ["SHARING_ISCSI_TARGET_READ"];
    ISCSI_EXTENT_QUERY = "iscsi.extent.query", CORE_13, ["SHARING_ISCSI_EXTENT_READ"];
    ISCSI_TARGETEXTENT_QUERY = "iscsi.targetextent.query", CORE_13, ["SHARING_ISCSI_TARGETEXTENT_READ"];
    SHARING_NFS_QUERY = "sharing.nfs.query", CORE_13, ["SHARING_NFS_READ"];
    NFS_CONFIG = "nfs.config", CORE_13, ["SHARING_NFS_READ"];
    SHARING_SMB_QUERY = "sharing.smb.query", CORE_13, ["SHARING_SMB_READ"],
        Guard::Select(&["auxsmbconf", "hostsallow", "hostsdeny"]);
    NVMET_GLOBAL_CONFIG = "nvmet.global.config", R25_10, ["SHARING_NVME_TARGET_READ"];
    NVMET_GLOBAL_SESSIONS = "nvmet.global.sessions", R25_10, ["SHARING_NVME_TARGET_READ"];
    NVMET_SUBSYS_QUERY = "nvmet.subsys.query", R25_10, ["SHARING_NVME_TARGET_READ"];
    NVMET_NAMESPACE_QUERY = "nvmet.namespace.query", R25_10, ["SHARING_NVME_TARGET_READ"];
    NVMET_PORT_QUERY = "nvmet.port.query", R25_10, ["SHARING_NVME_TARGET_READ"];
    NVMET_PORT_SUBSYS_QUERY = "nvmet.port_subsys.query", R25_10, ["SHARING_NVME_TARGET_READ"];
    NVMET_HOST_SUBSYS_QUERY = "nvmet.host_subsys.query", R25_10, ["SHARING_NVME_TARGET_READ"],
        Guard::Select(&["host.dhchap_key", "host.dhchap_ctrl_key"]);
    SERVICE_QUERY = "service.query", CORE_13, ["SERVICE_READ"];
    DISK_QUERY = "disk.query", CORE_13, ["DISK_READ"], Guard::NoExtra("passwords");
    ALERT_LIST = "alert.list", CORE_13, ["ALERT_LIST_READ"];
    UPDATE_CONFIG = "update.config", R25_10, ["SYSTEM_UPDATE_READ"];
    FAILOVER_STATUS = "failover.status", R22_12, ["FAILOVER_READ"];
}

const fn session_method(name: &'static str, since: Version) -> Method {
    Method {
        name,
        since,
        until: None,
        roles: &[],
        guard: Guard::None,
    }
}

/// Login from 25.04 on; only the login calls it.
pub(super) static LOGIN_EX: Method = session_method("auth.login_ex", R25_04);

/// Login before 25.04; only the login calls it.
pub(super) static LOGIN_WITH_API_KEY: Method = session_method("auth.login_with_api_key", CORE_13);

/// Keeps a connection open while a call is pending; only the wire calls it.
pub(crate) static PING: Method = session_method("core.ping", CORE_13);

#[cfg(test)]
mod tests;
