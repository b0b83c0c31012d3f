//! Names that sidecars and drivers derive from other names, computed while both are still in clear.

use std::collections::BTreeMap;

use truenas_common::redact::{NamingSchema, Redactor, Uid};

/// How the provisioners of a cluster name volumes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeNamings {
    by_driver: BTreeMap<String, VolumeNaming>,
    usual: VolumeNaming,
}

/// How a provisioner names volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeNaming {
    /// `--volume-name-prefix`.
    pub prefix: String,
    /// `--volume-name-uuid-length`; absent when the uid is used whole.
    pub uuid_length: Option<usize>,
}

impl Default for VolumeNaming {
    fn default() -> Self {
        Self {
            prefix: "pvc".to_owned(),
            uuid_length: None,
        }
    }
}

impl VolumeNaming {
    /// The PV name for a claim.
    pub(super) fn volume_name(&self, claim_uid: &str) -> String {
        let uid = match self.uuid_length {
            None => claim_uid.to_owned(),
            Some(length) => claim_uid
                .chars()
                .filter(|c| *c != '-')
                .take(length)
                .collect(),
        };
        format!("{}-{uid}", self.prefix)
    }
}

impl VolumeNamings {
    /// Notes what the arguments of a driver's provisioner say.
    pub(super) fn note(&mut self, driver: &str, naming: VolumeNaming) {
        self.by_driver.insert(driver.to_owned(), naming);
    }

    /// The drivers whose arguments were seen.
    pub(super) fn drivers(&self) -> impl Iterator<Item = &str> {
        self.by_driver.keys().map(String::as_str)
    }

    /// The naming of a driver; the usual one when its arguments were not seen.
    pub(super) fn of(&self, driver: Option<&str>) -> &VolumeNaming {
        driver
            .and_then(|driver| self.by_driver.get(driver))
            .unwrap_or(&self.usual)
    }
}

/// The target that truenas-csi makes for a handle.
pub(super) fn truenas_csi_target(handle: &str) -> String {
    format!("csi-{handle}")
        .to_lowercase()
        .chars()
        .map(|c| {
            let is_kept = c.is_ascii_lowercase() || c.is_ascii_digit() || ".:-".contains(c);
            if is_kept { c } else { '-' }
        })
        .take(120)
        .collect()
}

/// The UUID of the first sidecar-made name that stands anywhere inside a name.
pub(super) fn inner_uuid(name: &str, redactor: &Redactor) -> Option<Uid> {
    let name = name.to_lowercase();
    ["pvc-", "snapshot-", "prime-"].iter().find_map(|prefix| {
        name.match_indices(prefix).find_map(|(start, _)| {
            let end = start + prefix.len() + 36;
            redactor.sidecar_uid(name.get(start..end)?)
        })
    })
}

/// The schema that TrueNAS proposes for every snapshot task. Names of it keep their dates on both sides, whether or not
/// the tasks could be read, so that one snapshot has one token.
pub(super) fn default_schema() -> Option<NamingSchema> {
    NamingSchema::parse("auto-%Y-%m-%d_%H-%M")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volume_name_follows_the_flags() {
        let uid = "0505b078-9802-44c8-9f12-6d1271cd50eb";
        let mut naming = VolumeNaming::default();
        assert_eq!(naming.volume_name(uid), format!("pvc-{uid}"));
        naming.uuid_length = Some(10);
        assert_eq!(naming.volume_name(uid), "pvc-0505b07898");
    }

    #[test]
    fn target_name_is_lowered_replaced_and_cut() {
        assert_eq!(
            truenas_csi_target("tank/K8s_a/pvc-1"),
            "csi-tank-k8s-a-pvc-1"
        );
        assert_eq!(truenas_csi_target(&"x".repeat(200)).len(), 120);
    }
}
