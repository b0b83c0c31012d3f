//! NVMe-oF subsystems.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasNvmetSubsys;

use crate::gather::metadata::filled;
use crate::gather::naming::inner_uuid;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::NVMET_SUBSYS_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nvmet_subsys",
    why: "Subsystems under their full names, as volumes name them, and whether every host may connect.",
    reads: &[Read::Truenas(&NVMET_SUBSYS_QUERY)],
    tables: &["nas_nvmet_subsys"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &["id", "name", "subnqn", "allow_any_host"];

/// A subsystem.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Subsys {
    pub(in crate::gather) id: i64,
    name: String,
    subnqn: Option<String>,
    allow_any_host: Option<bool>,
}

/// The subsystem, port or host that a link names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct End {
    pub(in crate::gather) id: Option<i64>,
}

/// One row a subsystem.
pub(in crate::gather) fn rows(
    subsystems: &[Subsys],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasNvmetSubsys> {
    subsystems
        .iter()
        .map(|subsys| NasNvmetSubsys {
            appliance: appliance.clone(),
            id: subsys.id,
            name: redactor.asset(&subsys.name),
            nqn: filled(subsys.subnqn.as_ref()).map(|nqn| redactor.name(nqn)),
            name_uuid: inner_uuid(&subsys.name, redactor),
            is_open: subsys.allow_any_host.unwrap_or(false),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn subsystem_joins_the_name_on_the_volume() {
        let subsystems: Vec<Subsys> = serde_json::from_str(
            r#"[{"id": 1, "name": "csi-pvc-0505b078-9802-44c8-9f12-6d1271cd50eb", "serial": "hidden",
                 "subnqn": "nqn.2011-06.com.truenas:uuid:x:csi-pvc-a", "allow_any_host": true}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = &rows(&subsystems, &redactor.name("a"), &redactor)[0];
        assert_eq!(
            row.nqn,
            Some(redactor.name("nqn.2011-06.com.truenas:uuid:x:csi-pvc-a"))
        );
        assert_eq!(
            row.name_uuid.as_ref().unwrap().as_str(),
            "0505b078-9802-44c8-9f12-6d1271cd50eb"
        );
        assert!(row.is_open);
    }
}
