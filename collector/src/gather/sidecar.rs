//! Containers of CSI drivers: what they are, which version, and the few arguments that are looked at.
//!
//! All other arguments, the environment and the command are dropped where they are read.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use truenas_common::redact::Version;
use truenas_common::tables::code::CsiRole;

use super::duration::whole_secs;

/// A container of a pod template.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Container {
    name: String,
    image: String,
    pub(super) args: Option<Arguments>,
}

/// The arguments that are looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    pub(super) timeout_secs: Option<i64>,
    pub(super) n_worker_threads: Option<i64>,
    pub(super) csi_name: Option<String>,
    pub(super) volume_name_prefix: Option<String>,
    pub(super) volume_name_uuid_length: Option<i64>,
    pub(super) honors_reclaim_policy: Option<bool>,
}

const IMAGES: &[(&str, CsiRole)] = &[
    ("csi-attacher", CsiRole::Attacher),
    (
        "csi-external-health-monitor-controller",
        CsiRole::HealthMonitor,
    ),
    ("csi-node-driver-registrar", CsiRole::Registrar),
    ("csi-provisioner", CsiRole::Provisioner),
    ("csi-resizer", CsiRole::Resizer),
    ("csi-snapshotter", CsiRole::Snapshotter),
    ("democratic-csi", CsiRole::DemocraticCsi),
    ("livenessprobe", CsiRole::LivenessProbe),
    ("snapshot-controller", CsiRole::SnapshotController),
    ("tns-csi-driver", CsiRole::TnsCsi),
    ("truenas-csi", CsiRole::TruenasCsi),
    ("truenas-csi-driver", CsiRole::TruenasCsi),
];

/// Names of containers, for images that are named by a digest alone.
const CONTAINERS: &[(&str, CsiRole)] = &[
    ("attacher", CsiRole::Attacher),
    ("csi-attacher", CsiRole::Attacher),
    (
        "csi-external-health-monitor-controller",
        CsiRole::HealthMonitor,
    ),
    ("csi-provisioner", CsiRole::Provisioner),
    ("csi-resizer", CsiRole::Resizer),
    ("csi-snapshotter", CsiRole::Snapshotter),
    ("driver-registrar", CsiRole::Registrar),
    ("external-attacher", CsiRole::Attacher),
    ("external-health-monitor-controller", CsiRole::HealthMonitor),
    ("external-provisioner", CsiRole::Provisioner),
    ("external-resizer", CsiRole::Resizer),
    ("external-snapshotter", CsiRole::Snapshotter),
    ("node-driver-registrar", CsiRole::Registrar),
    ("snapshot-controller", CsiRole::SnapshotController),
];

impl Container {
    /// What the container is, if it belongs to a CSI driver that is known.
    pub(super) fn role(&self) -> Option<CsiRole> {
        let found = |names: &[(&str, CsiRole)], name: &str| {
            let entry = names.iter().find(|(known, _)| *known == name);
            entry.map(|(_, role)| *role)
        };
        found(IMAGES, self.image_name()).or_else(|| found(CONTAINERS, &self.name))
    }

    /// The version that the tag of the image holds.
    pub(super) fn version(&self) -> Option<Version> {
        Version::find(self.tag()?).filter(|version| version.as_str().contains('.'))
    }

    /// Whether the same text may name another image tomorrow.
    pub(super) fn has_floating_tag(&self) -> bool {
        !self.image.contains('@') && self.version().is_none()
    }

    fn image_name(&self) -> &str {
        let last = self.last_component();
        last.split([':', '@']).next().unwrap_or(last)
    }

    fn tag(&self) -> Option<&str> {
        let (_, tag) = self.last_component().split('@').next()?.split_once(':')?;
        Some(tag)
    }

    fn last_component(&self) -> &str {
        self.image.rsplit('/').next().unwrap_or(&self.image)
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ArgumentsVisitor)
    }
}

struct ArgumentsVisitor;

impl<'de> Visitor<'de> for ArgumentsVisitor {
    type Value = Arguments;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("arguments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Arguments, A::Error> {
        let mut arguments = Arguments::default();
        let mut waiting: Option<String> = None;
        while let Some(text) = sequence.next_element::<String>()? {
            match (text.strip_prefix('-'), waiting.take()) {
                (None, Some(key)) => arguments.set(&key, &text),
                (None, None) => {}
                (Some(option), _) => {
                    let option = option.trim_start_matches('-');
                    match option.split_once('=') {
                        Some((key, value)) => arguments.set(key, value),
                        None => waiting = Some(option.to_owned()),
                    }
                }
            }
        }
        Ok(arguments)
    }
}

impl Arguments {
    fn set(&mut self, key: &str, value: &str) {
        match key {
            "timeout" => self.timeout_secs = whole_secs(value),
            "worker-threads" => self.n_worker_threads = value.parse().ok(),
            "csi-name" => self.csi_name = Some(value.to_owned()),
            "volume-name-prefix" => self.volume_name_prefix = Some(value.to_owned()),
            "volume-name-uuid-length" => self.volume_name_uuid_length = value.parse().ok(),
            "feature-gates" => self.honors_reclaim_policy = gate(value, "HonorPVReclaimPolicy"),
            _ => {}
        }
    }
}

fn gate(gates: &str, name: &str) -> Option<bool> {
    gates.split(',').find_map(|gate| {
        let (key, value) = gate.split_once('=')?;
        (key.trim() == name).then(|| value.trim().eq_ignore_ascii_case("true"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(name: &str, image: &str) -> Container {
        Container {
            name: name.to_owned(),
            image: image.to_owned(),
            args: None,
        }
    }

    #[track_caller]
    fn check(name: &str, image: &str, role: Option<CsiRole>, version: Option<&str>, floats: bool) {
        let container = container(name, image);
        assert_eq!(container.role(), role, "{image}");
        let found = container.version();
        assert_eq!(found.as_ref().map(Version::as_str), version, "{image}");
        assert_eq!(container.has_floating_tag(), floats, "{image}");
    }

    #[test]
    fn role_and_version_follow_from_the_image() {
        use CsiRole::{DemocraticCsi, Provisioner, TruenasCsi};
        let image = "registry.k8s.io/sig-storage/csi-provisioner:v3.6.0";
        check("x", image, Some(Provisioner), Some("3.6.0"), false);
        let image = "docker.io/democraticcsi/democratic-csi:latest";
        check("csi-driver", image, Some(DemocraticCsi), None, true);
        check(
            "d",
            "localhost:5000/truenas-csi",
            Some(TruenasCsi),
            None,
            true,
        );
        let image = "quay.io/release@sha256:0123";
        check("csi-provisioner", image, Some(Provisioner), None, false);
        let monitor = Some(CsiRole::HealthMonitor);
        check(
            "external-health-monitor-controller",
            image,
            monitor,
            None,
            false,
        );
        check("app", "example.net/app:1.0", None, Some("1.0"), false);
    }

    #[test]
    fn only_listed_arguments_are_kept() {
        let arguments: Arguments = serde_json::from_str(
            r#"["--v=5", "--timeout=90s", "-worker-threads", "10", "--csi-name=org.example",
                "--feature-gates=Topology=true,HonorPVReclaimPolicy=false", "--api-key", "secret-value",
                "--volume-name-prefix=vol", "--leader-election", "--volume-name-uuid-length=16"]"#,
        )
        .unwrap();
        assert_eq!(arguments.timeout_secs, Some(90));
        assert_eq!(arguments.n_worker_threads, Some(10));
        assert_eq!(arguments.honors_reclaim_policy, Some(false));
        assert_eq!(arguments.volume_name_uuid_length, Some(16));
        assert!(!format!("{arguments:?}").contains("secret-value"));
    }
}
