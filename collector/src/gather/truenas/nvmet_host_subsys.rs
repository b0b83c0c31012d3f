//! Hosts that NVMe-oF subsystems let in. The list of hosts itself is never read: it holds their keys.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasNvmetHostSubsys;

use crate::gather::metadata::filled;
use crate::gather::truenas::nvmet_subsys::End;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::NVMET_HOST_SUBSYS_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nvmet_host_subsys",
    why: "Which hosts may use a subsystem, and which of them are no node.",
    reads: &[Read::Truenas(&NVMET_HOST_SUBSYS_QUERY)],
    tables: &["nas_nvmet_host_subsys"],
};

/// Fields that are asked for; those of a host are named one by one, without its keys.
pub(in crate::gather) const SELECT: &[&str] = &["id", "host.id", "host.hostnqn", "subsys.id"];

/// A link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct HostSubsys {
    pub(in crate::gather) id: i64,
    host: Option<Host>,
    subsys: Option<End>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Host {
    id: Option<i64>,
    hostnqn: Option<String>,
}

/// One row a link.
pub(in crate::gather) fn rows(
    links: &[HostSubsys],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasNvmetHostSubsys> {
    links
        .iter()
        .map(|link| {
            let nqn = link
                .host
                .as_ref()
                .and_then(|host| filled(host.hostnqn.as_ref()));
            NasNvmetHostSubsys {
                appliance: appliance.clone(),
                id: link.id,
                host_id: link.host.as_ref().and_then(|host| host.id),
                host_nqn: nqn.map(|nqn| redactor.name(nqn)),
                subsys_id: link.subsys.as_ref().and_then(|subsys| subsys.id),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn link_names_the_host_and_keeps_no_key() {
        let links: Vec<HostSubsys> = serde_json::from_str(
            r#"[{"id": 9, "host": {"id": 2, "hostnqn": "nqn.2014-08.org.nvmexpress:uuid:1", "dhchap_key": "CANARY"},
                 "subsys": {"id": 7}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        let row = &rows(&links, &redactor.name("a"), &redactor)[0];
        assert_eq!((row.host_id, row.subsys_id), (Some(2), Some(7)));
        assert_eq!(
            row.host_nqn,
            Some(redactor.name("nqn.2014-08.org.nvmexpress:uuid:1"))
        );
        assert!(!format!("{links:?}{row:?}").contains("CANARY"));
    }
}
