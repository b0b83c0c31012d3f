//! Live iSCSI sessions, counted by target, initiator and address.

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasIscsiSession;

use crate::gather::{Gatherer, Read};
use crate::source::truenas::ISCSI_GLOBAL_SESSIONS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_session",
    why: "Who uses a target right now: nothing that is in use is an orphan, and one session is no second path.",
    reads: &[Read::Truenas(&ISCSI_GLOBAL_SESSIONS)],
    tables: &["nas_iscsi_session"],
};

/// Fields that are asked for; aliases hold host names.
pub(in crate::gather) const SELECT: &[&str] = &["initiator", "initiator_addr", "target"];

/// A session.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Session {
    target: String,
    initiator: String,
    initiator_addr: Option<String>,
}

/// One row for each target, initiator and address.
pub(in crate::gather) fn rows(
    sessions: &[Session],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasIscsiSession> {
    let mut counts: BTreeMap<_, i64> = BTreeMap::new();
    for session in sessions {
        let address = session.initiator_addr.as_deref();
        let address = address.filter(|address| !address.is_empty());
        let key = (
            redactor.iqn(&session.target),
            redactor.iqn(&session.initiator),
            address.map(|address| redactor.host(address)),
        );
        *counts.entry(key).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|((target, initiator, host), n_sessions)| NasIscsiSession {
            appliance: appliance.clone(),
            iqn_base: target.0,
            iqn_suffix: target.1,
            initiator_base: initiator.0,
            initiator_suffix: initiator.1,
            host,
            n_sessions,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn paths_of_one_initiator_are_counted_in_one_row() {
        let session = |address: &str| {
            format!(
                r#"{{"initiator": "iqn.1994-05.com.redhat:w1", "initiator_addr": "{address}", "initiator_alias": "w1",
                    "target": "iqn.2005-10.org.freenas.ctl:pvc-1"}}"#
            )
        };
        let json = format!(
            "[{},{},{}]",
            session("192.0.2.21"),
            session("192.0.2.22"),
            session("192.0.2.21")
        );
        let sessions: Vec<Session> = serde_json::from_str(&json).unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&sessions, &redactor.name("a"), &redactor);
        let mut counts: Vec<i64> = rows.iter().map(|row| row.n_sessions).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2]);
        assert_eq!(rows[0].iqn_suffix, Some(redactor.asset("pvc-1")));
        assert!(
            rows.iter()
                .any(|row| row.host == Some(redactor.host("192.0.2.22")))
        );
    }
}
