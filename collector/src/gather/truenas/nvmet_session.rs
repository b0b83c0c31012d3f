//! Live NVMe-oF connections, counted by subsystem, port, host and address.

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Host, Nqn, Redactor};
use truenas_common::tables::NasNvmetSession;

use crate::gather::metadata::filled;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::NVMET_GLOBAL_SESSIONS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nvmet_session",
    why: "Who uses a subsystem right now: nothing that is in use is an orphan.",
    reads: &[Read::Truenas(&NVMET_GLOBAL_SESSIONS)],
    tables: &["nas_nvmet_session"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &["host_traddr", "hostnqn", "subsys_id", "port_id"];

/// A connection.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Session {
    host_traddr: Option<String>,
    hostnqn: String,
    subsys_id: i64,
    port_id: Option<i64>,
}

/// One row for each subsystem, port, host and address.
pub(in crate::gather) fn rows(
    sessions: &[Session],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasNvmetSession> {
    let mut counts: BTreeMap<(i64, Option<i64>, Nqn, Option<Host>), i64> = BTreeMap::new();
    for session in sessions {
        let host = filled(session.host_traddr.as_ref()).map(|host| redactor.host(host));
        let key = (
            session.subsys_id,
            session.port_id,
            redactor.name(&session.hostnqn),
            host,
        );
        *counts.entry(key).or_default() += 1;
    }
    let row = |((subsys_id, port_id, host_nqn, host), n_sessions)| NasNvmetSession {
        appliance: appliance.clone(),
        subsys_id,
        port_id,
        host_nqn,
        host,
        n_sessions,
    };
    counts.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn controllers_of_one_host_are_counted_in_one_row() {
        let session = |ctrl: i64, port: i64| {
            format!(
                r#"{{"host_traddr": "192.0.2.21", "hostnqn": "nqn.x", "subsys_id": 1, "port_id": {port}, "ctrl": {ctrl}}}"#
            )
        };
        let json = format!("[{},{},{}]", session(1, 1), session(2, 1), session(3, 2));
        let sessions: Vec<Session> = serde_json::from_str(&json).unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&sessions, &redactor.name("a"), &redactor);
        let counts: Vec<_> = rows
            .iter()
            .map(|row| (row.port_id, row.n_sessions))
            .collect();
        assert_eq!(counts, [(Some(1), 2), (Some(2), 1)]);
        assert_eq!(rows[0].host, Some(redactor.host("192.0.2.21")));
    }
}
