//! NVMe-oF ports.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasNvmetPort;
use truenas_common::tables::code::NvmeTransport;

use crate::gather::metadata::filled;
use crate::gather::property::Text;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::NVMET_PORT_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nvmet_port",
    why: "Addresses through which namespaces are reached.",
    reads: &[Read::Truenas(&NVMET_PORT_QUERY)],
    tables: &["nas_nvmet_port"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &[
    "id",
    "addr_trtype",
    "addr_traddr",
    "addr_trsvcid",
    "enabled",
];

/// A port.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Port {
    pub(in crate::gather) id: i64,
    addr_trtype: String,
    addr_traddr: Option<String>,
    addr_trsvcid: Option<Text>,
    enabled: Option<bool>,
}

/// One row a port.
pub(in crate::gather) fn rows(
    ports: &[Port],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasNvmetPort> {
    ports
        .iter()
        .map(|port| NasNvmetPort {
            appliance: appliance.clone(),
            id: port.id,
            transport: NvmeTransport::parse(&port.addr_trtype),
            host: filled(port.addr_traddr.as_ref()).map(|host| redactor.host(host)),
            port: port.addr_trsvcid.as_ref().and_then(Text::integer),
            is_enabled: port.enabled.unwrap_or(true),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn port_number_comes_as_number_text_or_not_at_all() {
        let ports: Vec<Port> = serde_json::from_str(
            r#"[{"id": 1, "index": 1, "addr_trtype": "TCP", "addr_traddr": "192.0.2.5", "addr_trsvcid": 4420, "enabled": true},
                {"id": 2, "addr_trtype": "RDMA", "addr_traddr": "::", "addr_trsvcid": "4420", "enabled": false},
                {"id": 3, "addr_trtype": "FC", "addr_traddr": "nn-0x1:pn-0x2", "addr_trsvcid": null}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&ports, &redactor.name("a"), &redactor);
        let numbers: Vec<_> = rows.iter().map(|row| row.port).collect();
        assert_eq!(numbers, [Some(4_420), Some(4_420), None]);
        assert_eq!(rows[0].host, Some(redactor.host("192.0.2.5")));
        assert_eq!(rows[1].host.as_ref().unwrap().as_str(), "::");
        assert!(!rows[2].host.as_ref().unwrap().as_str().contains("0x"));
        assert_eq!(
            (rows[2].transport, rows[1].is_enabled),
            (NvmeTransport::FibreChannel, false)
        );
    }
}
