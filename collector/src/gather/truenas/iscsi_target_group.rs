//! Ways into iSCSI targets. Of authorized access only the kind and the tag are known: the list that holds users and
//! secrets is never read.

use serde::Deserialize;
use truenas_common::redact::ApplianceId;
use truenas_common::tables::NasIscsiTargetGroup;
use truenas_common::tables::code::IscsiAuth;

use crate::gather::truenas::iscsi_portal::auth;
use crate::gather::truenas::iscsi_target::Target;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::ISCSI_TARGET_QUERY;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_target_group",
    why: "Through which portals, for whom and with which kind of authentication a target is reached.",
    reads: &[Read::Truenas(&ISCSI_TARGET_QUERY)],
    tables: &["nas_iscsi_target_group"],
};

/// One way in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Group {
    portal: Option<i64>,
    initiator: Option<i64>,
    authmethod: Option<String>,
    auth: Option<i64>,
}

/// One row a way.
pub(in crate::gather) fn rows(
    targets: &[Target],
    appliance: &ApplianceId,
) -> Vec<NasIscsiTargetGroup> {
    let of_target = |target: &Target| {
        let id = target.id;
        let groups = target.groups.iter().flatten().zip(0..);
        let rows = groups.map(|(group, group_ordinal)| NasIscsiTargetGroup {
            appliance: appliance.clone(),
            target_id: id,
            group_ordinal,
            portal_id: group.portal,
            initiator_id: group.initiator,
            auth: group.authmethod.as_deref().map_or(IscsiAuth::None, auth),
            auth_tag_id: group.auth,
        });
        rows.collect::<Vec<_>>()
    };
    targets.iter().flat_map(of_target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey, Redactor};

    #[test]
    fn kind_and_tag_of_the_authentication_are_kept() {
        let targets: Vec<Target> = serde_json::from_str(
            r#"[{"id": 21, "name": "a", "groups": [
                    {"portal": 1, "initiator": null, "authmethod": "NONE", "auth": null},
                    {"portal": 2, "initiator": 4, "authmethod": "CHAP Mutual", "auth": 7}]},
                {"id": 22, "name": "b", "groups": []}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let rows = rows(&targets, &redactor.name("a"));
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].auth, rows[0].initiator_id),
            (IscsiAuth::None, None)
        );
        assert_eq!(
            (rows[1].group_ordinal, rows[1].auth, rows[1].auth_tag_id),
            (1, IscsiAuth::MutualChap, Some(7))
        );
    }
}
