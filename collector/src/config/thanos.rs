//! Where the metrics of the cluster are: `thanos: {url: https://HOST[:PORT], ca_file: .., pin: [..], token_file: ..}`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::config::raw::{Text, path, refused};
use crate::config::{ConfigError, Kubernetes, KubernetesAccess};
use crate::source::SpkiPin;
use crate::source::k8s::SERVICE_ACCOUNT_DIR;

/// A server of the Prometheus API for one cluster.
#[derive(Debug)]
pub(crate) struct Thanos {
    /// Label of the cluster.
    pub(crate) cluster: String,
    /// `https://HOST[:PORT][/PREFIX]`.
    pub(crate) url: String,
    /// Who signs its certificate.
    pub(crate) ca_file: Option<PathBuf>,
    /// Which keys it may show.
    pub(crate) pins: Vec<SpkiPin>,
    /// Bearer token.
    pub(crate) token_file: PathBuf,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawThanos {
    url: Text,
    ca_file: Option<Text>,
    #[serde(default)]
    pin: Vec<Text>,
    token_file: Option<Text>,
}

/// Checks the block; in a cluster the token of the pod is the default.
pub(super) fn check(
    raw: &Spanned<RawThanos>,
    cluster: Option<&Kubernetes>,
) -> Result<Thanos, ConfigError> {
    let block = &raw.value;
    let Some(cluster) = cluster else {
        let words = "metrics belong to a cluster; give `kubernetes` too";
        return Err(refused("thanos", raw, words));
    };
    if !block.url.value.starts_with("https://") {
        let words = "a token sent over http:// can be read on the way; use https://";
        return Err(refused("thanos.url", &block.url, words));
    }
    if block.ca_file.is_none() && block.pin.is_empty() {
        let words =
            "give `ca_file`, `pin` or both; in OpenShift the service CA signs the certificate";
        return Err(refused("thanos", raw, words));
    }
    let pins = block.pin.iter().map(|text| {
        text.value
            .parse::<SpkiPin>()
            .map_err(|error| refused("thanos.pin", text, error))
    });
    let ca_file = block.ca_file.as_ref();
    let token_file = match (&block.token_file, &cluster.access) {
        (Some(file), _) => path("thanos.token_file", file)?,
        (None, KubernetesAccess::InCluster) => Path::new(SERVICE_ACCOUNT_DIR).join("token"),
        (None, _) => {
            let words = "give `token_file`; only a pod of the cluster has a token without";
            return Err(refused("thanos", raw, words));
        }
    };
    Ok(Thanos {
        cluster: cluster.name.clone(),
        url: block.url.value.clone(),
        ca_file: ca_file
            .map(|text| path("thanos.ca_file", text))
            .transpose()?,
        pins: pins.collect::<Result<_, _>>()?,
        token_file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const SITE: &str = "site: k3f9\nrecipients: [age1kzrpmxt3xhagnfectq2mep5072wast8t745xh02mktzdmz58yu0q0guuc9]\n\
                        keys: {site: /k/site.key, pseudonym: /k/pseudonym.key}\n";
    const IN_CLUSTER: &str = "kubernetes: {name: a, in_cluster: true}\n";

    #[track_caller]
    fn check(cluster: &str, block: &str, expected: Result<&str, &str>) {
        let found = Config::parse(&format!("{SITE}{cluster}thanos: {{{block}}}\n"));
        match (found, expected) {
            (Ok(config), Ok(token)) => {
                assert_eq!(config.thanos.unwrap().token_file, Path::new(token));
            }
            (Err(error), Err(words)) => {
                let text = format!("{error}");
                assert!(text.contains(words), "{text}");
            }
            (found, _) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn pod_has_a_token_and_others_name_one() {
        let file = "url: 'https://a:9091', ca_file: /c";
        check(
            IN_CLUSTER,
            file,
            Ok("/var/run/secrets/kubernetes.io/serviceaccount/token"),
        );
        check(IN_CLUSTER, &format!("{file}, token_file: /t"), Ok("/t"));
        let kubeconfig = "kubernetes: {name: a, kubeconfig: /k}\n";
        check(kubeconfig, file, Err("give `token_file`"));
        check(kubeconfig, &format!("{file}, token_file: /t"), Ok("/t"));
    }

    #[test]
    fn metrics_without_tls_trust_or_cluster_are_refused() {
        check(
            IN_CLUSTER,
            "url: 'http://a', ca_file: /c",
            Err("use https://"),
        );
        check(IN_CLUSTER, "url: 'https://a'", Err("give `ca_file`, `pin`"));
        check(IN_CLUSTER, "url: 'https://a', pin: [x]", Err("thanos.pin"));
        check(
            IN_CLUSTER,
            "url: 'https://a', ca_file: c",
            Err("thanos.ca_file"),
        );
        check(
            IN_CLUSTER,
            "url: 'https://a', ca_file: /c, query: up",
            Err("unknown key"),
        );
        let appliance = "truenas: [{name: n, url: 'wss://n', api_key_file: /a, ca_file: /c}]\n";
        check(
            appliance,
            "url: 'https://a', ca_file: /c",
            Err("give `kubernetes`"),
        );
    }
}
