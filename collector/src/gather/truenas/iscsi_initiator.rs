//! iSCSI initiator groups: who may connect.

use std::collections::BTreeSet;

use serde::Deserialize;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::{NasIscsiInitiator, NasIscsiInitiatorName};

use crate::gather::truenas::nfs_share::comment;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::ISCSI_INITIATOR_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_initiator",
    why: "Which initiators may connect: targets open to everybody, and groups that outlived their volume.",
    reads: &[Read::Truenas(&ISCSI_INITIATOR_QUERY)],
    tables: &["nas_iscsi_initiator", "nas_iscsi_initiator_name"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &["id", "initiators", "comment"];

/// An initiator group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Initiator {
    pub(in crate::gather) id: i64,
    initiators: Option<Vec<String>>,
    comment: Option<String>,
}

/// One row a group.
pub(in crate::gather) fn rows(
    groups: &[Initiator],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasIscsiInitiator> {
    groups
        .iter()
        .map(|group| {
            let text = group.comment.as_deref().unwrap_or_default();
            let (comment_form, _, comment_path) = comment(text, redactor);
            NasIscsiInitiator {
                appliance: appliance.clone(),
                id: group.id,
                is_open: names(group).next().is_none(),
                n_initiators: i64::try_from(names(group).count()).unwrap_or(i64::MAX),
                comment_form,
                comment_path,
            }
        })
        .collect()
}

/// One row an initiator.
pub(in crate::gather) fn name_rows(
    groups: &[Initiator],
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasIscsiInitiatorName> {
    let of_group = |group: &Initiator| {
        let all: BTreeSet<_> = names(group).map(|name| redactor.iqn(name)).collect();
        let id = group.id;
        all.into_iter()
            .map(move |(iqn_base, iqn_suffix)| NasIscsiInitiatorName {
                appliance: appliance.clone(),
                initiator_id: id,
                iqn_base,
                iqn_suffix,
            })
    };
    groups.iter().flat_map(of_group).collect()
}

/// Names of the group; none means everybody, and so does the word that older releases keep.
fn names(group: &Initiator) -> impl Iterator<Item = &str> {
    let all = group.initiators.iter().flatten().map(|name| name.trim());
    all.filter(|name| !name.is_empty() && *name != "ALL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::tables::code::CommentForm;

    #[test]
    fn group_without_names_is_open_and_a_comment_of_the_driver_names_the_volume() {
        let groups: Vec<Initiator> = serde_json::from_str(
            r#"[{"id": 1, "initiators": [], "comment": "allow all"},
                {"id": 2, "initiators": ["ALL"]},
                {"id": 3, "initiators": ["iqn.1994-05.com.redhat:w1", "IQN.1994-05.com.redhat:W1", "iqn.x"],
                 "comment": "CSI volume tank/k8s/a"}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let id = redactor.name("a");
        let found = rows(&groups, &id, &redactor);
        let open: Vec<bool> = found.iter().map(|row| row.is_open).collect();
        assert_eq!(open, [true, true, false]);
        assert_eq!(found[0].comment_form, CommentForm::Other);
        assert_eq!(found[2].comment_path, Some(redactor.path("tank/k8s/a")));
        let names = name_rows(&groups, &id, &redactor);
        assert_eq!(names.len(), 2);
        let (base, suffix) = redactor.iqn("iqn.1994-05.com.redhat:w1");
        assert!(
            names
                .iter()
                .any(|row| row.iqn_base == base && row.iqn_suffix == suffix)
        );
    }
}
