//! Settings of the NVMe-oF service.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasNvmetGlobal;

use crate::gather::metadata::filled;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::NVMET_GLOBAL_CONFIG;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/nvmet_global",
    why: "Base name of the subsystems, and whether both controllers of a pair serve them.",
    reads: &[Read::Truenas(&NVMET_GLOBAL_CONFIG)],
    tables: &["nas_nvmet_global"],
};

/// Settings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct GlobalConfig {
    basenqn: Option<String>,
    ana: Option<bool>,
    rdma: Option<bool>,
}

/// The one row.
pub(in crate::gather) fn row(
    config: &GlobalConfig,
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> NasNvmetGlobal {
    NasNvmetGlobal {
        appliance: appliance.clone(),
        base_nqn: filled(config.basenqn.as_ref()).map(|nqn| redactor.name(nqn)),
        is_ana: config.ana,
        is_rdma: config.rdma,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn settings_are_one_row() {
        let config: GlobalConfig = serde_json::from_str(
            r#"{"id": 1, "basenqn": "nqn.2011-06.com.truenas", "kernel": true, "ana": true, "rdma": false}"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = row(&config, &redactor.name("a"), &redactor);
        assert_eq!(row.base_nqn, Some(redactor.name("nqn.2011-06.com.truenas")));
        assert_eq!((row.is_ana, row.is_rdma), (Some(true), Some(false)));
    }
}
