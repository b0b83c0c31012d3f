//! How the appliance is updated. Nothing here lets it look for updates.

use serde::Deserialize;
use truenas_common::redact::ApplianceId;
use truenas_common::tables::NasUpdate;
use truenas_common::tables::code::UpdateProfile;

use crate::gather::{Gatherer, Read};
use crate::source::truenas::UPDATE_CONFIG;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/update",
    why: "Which releases the appliance takes: a production system should not run early ones.",
    reads: &[Read::Truenas(&UPDATE_CONFIG)],
    tables: &["nas_update"],
};

/// Settings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct UpdateConfig {
    autocheck: Option<bool>,
    profile: Option<String>,
}

/// The one row.
pub(in crate::gather) fn row(config: &UpdateConfig, appliance: &ApplianceId) -> NasUpdate {
    NasUpdate {
        appliance: appliance.clone(),
        is_checking: config.autocheck,
        profile: config.profile.as_deref().map(UpdateProfile::parse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn profile_is_a_word_of_the_list() {
        let config: UpdateConfig =
            serde_json::from_str(r#"{"id": 1, "autocheck": true, "profile": "MISSION_CRITICAL"}"#)
                .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = row(&config, &redactor.name("a"));
        assert_eq!(
            (row.is_checking, row.profile),
            (Some(true), Some(UpdateProfile::MissionCritical))
        );
    }
}
