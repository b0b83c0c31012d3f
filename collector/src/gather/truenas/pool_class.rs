//! Figures of pools that only the newest releases tell.

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasPoolClass;

use crate::gather::property::Property;
use crate::gather::truenas::pool::is_boot;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::ZPOOL_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/pool_class",
    why: "Usable space after parity as the appliance counts it, lost space, and what cloned blocks save.",
    reads: &[Read::Truenas(&ZPOOL_QUERY)],
    tables: &["nas_pool_class"],
};

/// Properties to ask for.
pub(in crate::gather) const PROPERTIES: &[&str] = &[
    "bclonesaved",
    "bcloneused",
    "checkpoint",
    "class_normal_available",
    "class_normal_usable",
    "class_normal_used",
    "class_special_usable",
    "class_special_used",
    "dedup_table_size",
    "expandsize",
    "leaked",
];

/// A pool.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Zpool {
    name: String,
    properties: Option<Properties>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Properties {
    bclonesaved: Property,
    bcloneused: Property,
    checkpoint: Property,
    class_normal_available: Property,
    class_normal_usable: Property,
    class_normal_used: Property,
    class_special_usable: Property,
    class_special_used: Property,
    dedup_table_size: Property,
    expandsize: Property,
    leaked: Property,
}

/// One row a pool.
pub(in crate::gather) fn rows(
    pools: &[Zpool],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasPoolClass> {
    let none = Properties::default();
    let own = pools.iter().filter(|pool| !is_boot(&pool.name));
    own.map(|pool| {
        let properties = pool.properties.as_ref().unwrap_or(&none);
        NasPoolClass {
            appliance: appliance.clone(),
            pool: redactor.path(&pool.name),
            usable_bytes: properties.class_normal_usable.integer(),
            usable_used_bytes: properties.class_normal_used.integer(),
            usable_available_bytes: properties.class_normal_available.integer(),
            special_usable_bytes: properties.class_special_usable.integer(),
            special_used_bytes: properties.class_special_used.integer(),
            leaked_bytes: properties.leaked.integer(),
            checkpoint_bytes: properties.checkpoint.integer(),
            expand_bytes: properties.expandsize.integer(),
            cloned_bytes: properties.bcloneused.integer(),
            clone_saved_bytes: properties.bclonesaved.integer(),
            dedup_table_bytes: properties.dedup_table_size.integer(),
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn figures_are_read_from_the_raw_text_and_a_dash_is_nothing() {
        let pools: Vec<Zpool> = serde_json::from_str(
            r#"[{"name": "tank", "guid": 8443409799014097611, "properties": {
                   "class_normal_usable": {"raw": "15213600000000", "source": null, "value": 15213600000000},
                   "leaked": {"raw": "0", "source": null, "value": 0},
                   "checkpoint": {"raw": "-", "source": null, "value": null}}},
                {"name": "boot-pool", "properties": null}, {"name": "gone", "properties": null}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&pools, &redactor.name("a"), &redactor);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].usable_bytes, Some(15_213_600_000_000));
        assert_eq!(
            (rows[0].leaked_bytes, rows[0].checkpoint_bytes),
            (Some(0), None)
        );
        assert_eq!(rows[1].usable_bytes, None);
    }
}
