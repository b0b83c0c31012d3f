//! iSCSI portal groups and the addresses they listen on.

use std::collections::BTreeSet;

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::code::IscsiAuth;
use truenas_common::tables::{NasIscsiPortal, NasIscsiPortalAddress};

use crate::gather::metadata::filled;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::ISCSI_PORTAL_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_portal",
    why: "Addresses through which targets are reached: volumes that name another one cannot be mounted, and one alone is no second path.",
    reads: &[Read::Truenas(&ISCSI_PORTAL_QUERY)],
    tables: &["nas_iscsi_portal", "nas_iscsi_portal_address"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &["id", "tag", "listen", "discovery_authmethod"];

/// Port of a portal that names none.
const DEFAULT_PORT: i64 = 3260;

/// A portal group; comments and the group of discovery secrets are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Portal {
    id: i64,
    tag: Option<i64>,
    pub(in crate::gather) listen: Option<Vec<Listen>>,
    discovery_authmethod: Option<String>,
}

/// One address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Listen {
    pub(in crate::gather) ip: Option<String>,
    port: Option<i64>,
}

/// One row a portal group.
pub(in crate::gather) fn rows(portals: &[Portal], appliance: &ApplianceId) -> Vec<NasIscsiPortal> {
    portals
        .iter()
        .map(|portal| NasIscsiPortal {
            appliance: appliance.clone(),
            id: portal.id,
            tag_id: portal.tag,
            n_addresses: i64::try_from(portal.listen.as_ref().map_or(0, Vec::len)).unwrap_or(0),
            discovery_auth: portal.discovery_authmethod.as_deref().map(auth),
        })
        .collect()
}

/// One row an address.
pub(in crate::gather) fn address_rows(
    portals: &[Portal],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasIscsiPortalAddress> {
    let mut seen = BTreeSet::new();
    let all = portals.iter().flat_map(|portal| {
        let listen = portal.listen.iter().flatten();
        listen.filter_map(|listen| {
            let host = redactor.host(filled(listen.ip.as_ref())?);
            Some((portal.id, host, listen.port.unwrap_or(DEFAULT_PORT)))
        })
    });
    all.filter(|row| seen.insert(row.clone()))
        .map(|(portal_id, host, port)| NasIscsiPortalAddress {
            appliance: appliance.clone(),
            portal_id,
            host,
            port,
        })
        .collect()
}

/// The word for a way to prove oneself; older releases write it in other cases.
pub(in crate::gather) fn auth(word: &str) -> IscsiAuth {
    IscsiAuth::parse(&word.to_uppercase().replace(' ', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn every_address_is_a_row_and_a_wildcard_stays_readable() {
        let portals: Vec<Portal> = serde_json::from_str(
            r#"[{"id": 1, "tag": 2, "comment": "for bob", "discovery_authmethod": "CHAP",
                 "listen": [{"ip": "0.0.0.0", "port": 3260}, {"ip": "192.0.2.5"}, {"ip": "192.0.2.5", "port": 3260}]},
                {"id": 2, "listen": []}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let id = redactor.name("a");
        let groups = rows(&portals, &id);
        assert_eq!(
            (
                groups[0].tag_id,
                groups[0].n_addresses,
                groups[1].n_addresses
            ),
            (Some(2), 3, 0)
        );
        assert_eq!(groups[0].discovery_auth, Some(IscsiAuth::Chap));
        assert_eq!(groups[1].discovery_auth, None);
        let addresses = address_rows(&portals, &id, &redactor);
        assert_eq!(addresses.len(), 2);
        assert_eq!(addresses[0].host.as_str(), "0.0.0.0");
        assert_eq!(addresses[1].host, redactor.host("192.0.2.5"));
    }
}
