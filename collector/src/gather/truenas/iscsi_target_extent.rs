//! Links between targets and extents.

use serde::Deserialize;
use truenas_common::redact::ApplianceId;
use truenas_common::tables::NasIscsiTargetExtent;

use crate::gather::{Gatherer, Read};
use crate::source::truenas::ISCSI_TARGETEXTENT_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_target_extent",
    why: "Leads from a target to its extent and the zvol.",
    reads: &[Read::Truenas(&ISCSI_TARGETEXTENT_QUERY)],
    tables: &["nas_iscsi_target_extent"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &["id", "target", "extent", "lunid"];

/// A link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct TargetExtent {
    pub(in crate::gather) id: i64,
    target: i64,
    extent: i64,
    lunid: Option<i64>,
}

/// One row a link.
pub(in crate::gather) fn rows(
    links: &[TargetExtent],
    appliance: &ApplianceId,
) -> Vec<NasIscsiTargetExtent> {
    links
        .iter()
        .map(|link| NasIscsiTargetExtent {
            appliance: appliance.clone(),
            id: link.id,
            target_id: link.target,
            extent_id: link.extent,
            lun: link.lunid,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn link_keeps_both_ends() {
        let links: Vec<TargetExtent> =
            serde_json::from_str(r#"[{"id": 29, "target": 21, "extent": 34, "lunid": 0}]"#)
                .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let row = &rows(&links, &redactor.name("a"))[0];
        assert_eq!(
            (row.id, row.target_id, row.extent_id, row.lun),
            (29, 21, 34, Some(0))
        );
    }
}
