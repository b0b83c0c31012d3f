//! Links between NVMe-oF ports and subsystems.

use serde::Deserialize;
use truenas_common::redact::ApplianceId;
use truenas_common::tables::NasNvmetPortSubsys;

use crate::gather::truenas::nvmet_subsys::End;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::NVMET_PORT_SUBSYS_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nvmet_port_subsys",
    why: "Leads from a subsystem to the addresses it is reached at.",
    reads: &[Read::Truenas(&NVMET_PORT_SUBSYS_QUERY)],
    tables: &["nas_nvmet_port_subsys"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &["id", "port.id", "subsys.id"];

/// A link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct PortSubsys {
    pub(in crate::gather) id: i64,
    port: Option<End>,
    subsys: Option<End>,
}

/// One row a link.
pub(in crate::gather) fn rows(
    links: &[PortSubsys],
    appliance: &ApplianceId,
) -> Vec<NasNvmetPortSubsys> {
    links
        .iter()
        .map(|link| NasNvmetPortSubsys {
            appliance: appliance.clone(),
            id: link.id,
            port_id: link.port.as_ref().and_then(|port| port.id),
            subsys_id: link.subsys.as_ref().and_then(|subsys| subsys.id),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn link_keeps_both_ends() {
        let links: Vec<PortSubsys> =
            serde_json::from_str(r#"[{"id": 5, "port": {"id": 1}, "subsys": {"id": 7}}]"#).unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = &rows(&links, &redactor.name("a"))[0];
        assert_eq!((row.id, row.port_id, row.subsys_id), (5, Some(1), Some(7)));
    }
}
