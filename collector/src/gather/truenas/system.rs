//! The appliance itself.

use truenas_common::redact::{ApplianceId, Version};
use truenas_common::tables::NasSystem;

use crate::gather::{Gatherer, Read, property};
use crate::source::truenas::{self, SYSTEM_VERSION};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/system",
    why: "Version of the appliance: it decides what the interface can tell.",
    reads: &[Read::Truenas(&SYSTEM_VERSION)],
    tables: &["nas_system"],
};

/// The one row.
pub(in crate::gather) fn rows(
    version_text: &str,
    version: truenas::Version,
    appliance: &ApplianceId,
) -> Vec<NasSystem> {
    vec![NasSystem {
        appliance: appliance.clone(),
        version: Version::find(version_text),
        has_property_sources: property::has_sources(version),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn sources_end_with_the_release_that_stopped_to_tell() {
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let id = redactor.name("1");
        for (text, expected) in [("TrueNAS-25.04.2.6", true), ("TrueNAS-25.10.5", false)] {
            let version = truenas::Version::parse(text).unwrap();
            assert_eq!(rows(text, version, &id)[0].has_property_sources, expected);
        }
    }
}
