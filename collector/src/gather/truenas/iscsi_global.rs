//! Settings of the iSCSI service.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasIscsiGlobal;

use crate::gather::{Gatherer, Read};
use crate::source::truenas::ISCSI_GLOBAL_CONFIG;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_global",
    why: "Base name of the targets, and whether initiators are warned before a pool is full.",
    reads: &[Read::Truenas(&ISCSI_GLOBAL_CONFIG)],
    tables: &["nas_iscsi_global"],
};

/// Settings; addresses of name servers are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct GlobalConfig {
    pub(in crate::gather) basename: Option<String>,
    listen_port: Option<i64>,
    pool_avail_threshold: Option<i64>,
    alua: Option<bool>,
    iser: Option<bool>,
    isns_servers: Option<Vec<IgnoredAny>>,
}

/// The one row.
pub(in crate::gather) fn row(
    config: &GlobalConfig,
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> NasIscsiGlobal {
    let n_servers = config.isns_servers.as_ref().map_or(0, Vec::len);
    NasIscsiGlobal {
        appliance: appliance.clone(),
        iqn_base: config.basename.as_deref().map(|base| redactor.iqn(base).0),
        listen_port: config.listen_port,
        pool_available_percent: config.pool_avail_threshold.filter(|percent| *percent > 0),
        is_alua: config.alua,
        is_iser: config.iser,
        n_isns_servers: i64::try_from(n_servers).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn base_name_joins_the_targets_and_no_threshold_is_none() {
        let config: GlobalConfig = serde_json::from_str(
            r#"{"id": 1, "basename": "iqn.2001-01.org.example", "isns_servers": ["192.0.2.9"], "listen_port": 3260,
                "pool_avail_threshold": 0, "alua": true}"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = row(&config, &redactor.name("a"), &redactor);
        assert_eq!(
            row.iqn_base,
            Some(redactor.iqn("iqn.2001-01.org.example:x").0)
        );
        assert_eq!((row.pool_available_percent, row.n_isns_servers), (None, 1));
        assert_eq!((row.is_alua, row.is_iser), (Some(true), None));
    }
}
