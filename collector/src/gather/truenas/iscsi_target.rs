//! iSCSI targets. The name of the whole is built before it is taken apart.

use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::redact::{ApplianceId, Redactor};
use truenas_common::tables::NasIscsiTarget;

use crate::gather::naming::inner_uuid;
use crate::gather::truenas::iscsi_target_group::Group;
use crate::gather::truenas::nfs_share::vendor_handle;
use crate::gather::{Gatherer, Read};
use crate::source::truenas::{ISCSI_GLOBAL_CONFIG, ISCSI_TARGET_QUERY};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "truenas/iscsi_target",
    why: "Targets under their full names, as volumes name them.",
    reads: &[
        Read::Truenas(&ISCSI_GLOBAL_CONFIG),
        Read::Truenas(&ISCSI_TARGET_QUERY),
    ],
    tables: &["nas_iscsi_target"],
};

/// Fields that are asked for.
pub(in crate::gather) const SELECT: &[&str] = &["id", "name", "alias", "groups", "auth_networks"];

/// A target.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Target {
    pub(in crate::gather) id: i64,
    name: String,
    alias: Option<String>,
    pub(in crate::gather) groups: Option<Vec<Group>>,
    auth_networks: Option<Vec<IgnoredAny>>,
}

/// One row a target; without the base name only names that are whole already can be taken apart.
pub(in crate::gather) fn rows(
    targets: &[Target],
    basename: Option<&str>,
    appliance: &ApplianceId,
    redactor: &Redactor,
) -> Vec<NasIscsiTarget> {
    targets
        .iter()
        .map(|target| {
            let (iqn_base, iqn_suffix) = match full(&target.name, basename) {
                Some(iqn) => {
                    let (base, suffix) = redactor.iqn(&iqn);
                    (Some(base), suffix)
                }
                None => (None, None),
            };
            let alias = target.alias.as_deref().and_then(vendor_handle);
            NasIscsiTarget {
                appliance: appliance.clone(),
                id: target.id,
                name: redactor.asset(&target.name),
                iqn_base,
                iqn_suffix,
                alias_path: alias.map(|handle| redactor.path(handle)),
                name_uuid: inner_uuid(&target.name, redactor),
                n_groups: i64::try_from(target.groups.as_ref().map_or(0, Vec::len)).unwrap_or(0),
                is_network_limited: target.auth_networks.as_ref().map(|all| !all.is_empty()),
            }
        })
        .collect()
}

fn full(name: &str, basename: Option<&str>) -> Option<String> {
    let is_full = ["iqn.", "naa.", "eui."]
        .iter()
        .any(|prefix| name.starts_with(prefix));
    if is_full {
        return Some(name.to_owned());
    }
    basename.map(|basename| format!("{basename}:{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn target_joins_the_name_on_the_volume() {
        let targets: Vec<Target> = serde_json::from_str(
            r#"[{"id": 21, "name": "csi-pvc-0505b078-9802-44c8-9f12-6d1271cd50eb-clustera", "alias": null,
                 "groups": [{"portal": 1, "auth": 5}]},
                {"id": 22, "name": "iqn.2001-01.org.example:a", "alias": "CSI volume tank/a", "groups": [],
                 "auth_networks": ["192.0.2.0/24"]}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard);
        let id = redactor.name("a");
        let found = rows(
            &targets,
            Some("iqn.2005-10.org.freenas.ctl"),
            &id,
            &redactor,
        );
        let (base, suffix) = redactor.iqn(
            "iqn.2005-10.org.freenas.ctl:csi-pvc-0505b078-9802-44c8-9f12-6d1271cd50eb-clustera",
        );
        assert_eq!(
            (found[0].iqn_base.clone(), found[0].iqn_suffix.clone()),
            (Some(base), suffix)
        );
        let uuid = found[0].name_uuid.as_ref().unwrap().as_str();
        assert_eq!(uuid, "0505b078-9802-44c8-9f12-6d1271cd50eb");
        assert_eq!(found[1].alias_path, Some(redactor.path("tank/a")));
        let limited: Vec<_> = found.iter().map(|row| row.is_network_limited).collect();
        assert_eq!(limited, [None, Some(true)]);
        let blind = rows(&targets, None, &id, &redactor);
        assert!(blind[0].iqn_base.is_none() && blind[1].iqn_base.is_some());
    }
}
