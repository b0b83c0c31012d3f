//! Claims that a pod, or the template of one, names among its volumes. No other volume source is decoded.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::metadata::filled;

/// One entry of `volumes`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Volume {
    name: String,
    persistent_volume_claim: Option<ClaimSource>,
    ephemeral: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ClaimSource {
    claim_name: Option<String>,
    read_only: Option<bool>,
}

/// How a pod uses a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClaimUse {
    pub(super) is_ephemeral: bool,
    pub(super) is_read_only: bool,
}

/// Every claim of a running pod once. The claim of an ephemeral volume is named after pod and volume.
pub(super) fn claims_of_pod(pod: &str, volumes: &[Volume]) -> BTreeMap<String, ClaimUse> {
    let mut claims: BTreeMap<String, ClaimUse> = BTreeMap::new();
    for volume in volumes {
        let Some((claim, claim_use)) = claim_use(pod, volume) else {
            continue;
        };
        claims
            .entry(claim)
            .and_modify(|known| known.is_read_only &= claim_use.is_read_only)
            .or_insert(claim_use);
    }
    claims
}

/// Every claim that a template names; ephemeral volumes have none before there is a pod.
pub(super) fn claims_of_template(volumes: &[Volume]) -> Vec<&str> {
    let mut claims: Vec<&str> = volumes
        .iter()
        .filter_map(|volume| filled(volume.persistent_volume_claim.as_ref()?.claim_name.as_ref()))
        .collect();
    claims.sort_unstable();
    claims.dedup();
    claims
}

fn claim_use(pod: &str, volume: &Volume) -> Option<(String, ClaimUse)> {
    if volume.ephemeral.is_some() {
        let claim_use = ClaimUse {
            is_ephemeral: true,
            is_read_only: false,
        };
        return Some((format!("{pod}-{}", volume.name), claim_use));
    }
    let source = volume.persistent_volume_claim.as_ref()?;
    let claim_use = ClaimUse {
        is_ephemeral: false,
        is_read_only: source.read_only.unwrap_or(false),
    };
    Some((filled(source.claim_name.as_ref())?.to_owned(), claim_use))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volumes() -> Vec<Volume> {
        serde_json::from_str(
            r#"[{"name": "a", "persistentVolumeClaim": {"claimName": "data", "readOnly": true}},
                {"name": "b", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
                {"name": "key", "secret": {"secretName": "x"}}]"#,
        )
        .unwrap()
    }

    #[test]
    fn claim_that_is_named_twice_is_written_to_when_one_use_is() {
        let claims = claims_of_pod("web-0", &volumes());
        let names: Vec<&String> = claims.keys().collect();
        assert_eq!(names, ["data", "web-0-scratch"]);
        assert!(!claims["data"].is_read_only && claims["web-0-scratch"].is_ephemeral);
    }

    #[test]
    fn template_has_no_claim_for_an_ephemeral_volume() {
        assert_eq!(claims_of_template(&volumes()), ["data"]);
    }
}
