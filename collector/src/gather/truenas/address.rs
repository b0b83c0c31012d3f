//! Addresses by which nodes reach the appliance.

use std::collections::BTreeSet;

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasAddress;
use truenas_common::tables::code::AddressOrigin;

use crate::gather::address::is_wildcard;
use crate::gather::truenas::iscsi_portal::Portal;
use crate::gather::{ApplianceFacts, Gatherer, Read};
use crate::source::truenas::{ISCSI_PORTAL_QUERY, NFS_CONFIG};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/address",
    why: "Tells which appliance serves a volume: its addresses are compared with servers and portals of volumes.",
    reads: &[
        Read::Truenas(&ISCSI_PORTAL_QUERY),
        Read::Truenas(&NFS_CONFIG),
    ],
    tables: &["nas_address"],
};

/// Settings of the NFS service.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct NfsConfig {
    bindip: Option<Vec<String>>,
}

/// One row an address, under the first origin that names it; wildcards are no addresses.
pub(in crate::gather) fn rows(
    portals: &[Portal],
    config: &NfsConfig,
    facts: &ApplianceFacts<'_>,
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasAddress> {
    let listen = portals
        .iter()
        .flat_map(|portal| portal.listen.iter().flatten());
    let portals = listen.filter_map(|listen| listen.ip.as_deref());
    let bound = config.bindip.iter().flatten().map(String::as_str);
    let declared = facts.addresses.iter().map(String::as_str);
    let all = std::iter::once((facts.host, AddressOrigin::Connection))
        .chain(declared.map(|host| (host, AddressOrigin::Declared)))
        .chain(portals.map(|host| (host, AddressOrigin::Portal)))
        .chain(bound.map(|host| (host, AddressOrigin::Other)));
    let mut seen = BTreeSet::new();
    let network = |host: &str| {
        let declared = facts.addresses.iter();
        let mut masked = declared.filter(|text| text.contains('/') && address_of(text) == host);
        redactor.network(masked.next()?).map(|(network, _)| network)
    };
    all.map(|(host, origin)| (address_of(host), origin))
        .filter(|(host, _)| !host.is_empty() && !is_wildcard(host))
        .map(|(host, origin)| (redactor.host(host), network(host), origin))
        .filter(|(host, ..)| seen.insert(host.clone()))
        .map(|(host, network, origin)| NasAddress {
            appliance: appliance.clone(),
            host,
            origin,
            network,
        })
        .collect()
}

/// The address of `ADDRESS` or `ADDRESS/BITS`.
fn address_of(text: &str) -> &str {
    text.split_once('/').map_or(text, |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn address_known_twice_is_one_row_and_a_wildcard_is_none() {
        let portals: Vec<Portal> = serde_json::from_str(
            r#"[{"id": 1, "tag": 1, "listen": [{"ip": "0.0.0.0", "port": 3260}]},
                {"id": 2, "listen": [{"ip": "192.0.2.5"}, {"ip": "192.0.2.6"}]}]"#,
        )
        .unwrap();
        let config: NfsConfig = serde_json::from_str(r#"{"bindip": ["192.0.2.6"]}"#).unwrap();
        let facts = ApplianceFacts {
            known: None,
            name: "nas",
            host: "nas.example",
            addresses: &["192.0.2.5/26".to_owned()],
        };
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&portals, &config, &facts, &redactor.name("a"), &redactor);
        let origins: Vec<_> = rows.iter().map(|row| row.origin).collect();
        assert_eq!(
            origins,
            [
                AddressOrigin::Connection,
                AddressOrigin::Declared,
                AddressOrigin::Portal
            ]
        );
        let network = redactor.network("192.0.2.0/26").map(|(network, _)| network);
        assert_eq!(rows[1].host, redactor.host("192.0.2.5"));
        assert_eq!((&rows[1].network, &rows[2].network), (&network, &None));
    }
}
