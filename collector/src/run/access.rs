//! From the configuration to what the doors need.

use std::path::{Path, PathBuf};

use crate::config::{Appliance, Kubernetes, KubernetesAccess, Thanos};
use crate::keys::{self, Holder};
use crate::run::RunError;
use crate::source::k8s::SERVICE_ACCOUNT_DIR;
use crate::source::{AccessError, K8sAccess, MinTls, ThanosAccess, Timeouts, TruenasAccess, Trust};

/// How to reach the cluster.
pub(crate) fn cluster_access(
    cluster: &Kubernetes,
    timeouts: Timeouts,
) -> Result<K8sAccess, RunError> {
    let access = match &cluster.access {
        KubernetesAccess::InCluster => in_cluster()?,
        KubernetesAccess::Kubeconfig { path, context } => {
            K8sAccess::from_kubeconfig(path, context.as_deref())
        }
        KubernetesAccess::Explicit {
            server,
            ca_file,
            token_file,
        } => K8sAccess::explicit(server, ca_file, token_file),
    };
    let mut access = access.map_err(|source| RunError::Access {
        what: format!("cluster `{}`", cluster.name),
        source,
    })?;
    access.timeouts = timeouts;
    Ok(access)
}

/// The platform tells a pod where its API server is; these two variables are the platform's, not ours.
fn in_cluster() -> Result<Result<K8sAccess, AccessError>, RunError> {
    let host = std::env::var("KUBERNETES_SERVICE_HOST").map_err(|_| RunError::NotInCluster)?;
    let port = std::env::var("KUBERNETES_SERVICE_PORT").ok();
    let port = port.and_then(|port| port.parse().ok()).unwrap_or(443);
    Ok(K8sAccess::in_cluster(
        &host,
        port,
        Path::new(SERVICE_ACCOUNT_DIR),
    ))
}

/// How to reach the metrics of the cluster.
pub(crate) fn metrics_access(
    thanos: &Thanos,
    timeouts: Timeouts,
) -> Result<ThanosAccess, RunError> {
    let failed = |source| RunError::Access {
        what: format!("metrics of cluster `{}`", thanos.cluster),
        source,
    };
    let ca_files: Vec<PathBuf> = thanos.ca_file.iter().cloned().collect();
    let trust = Trust::from_files(&ca_files, &thanos.pins, MinTls::default()).map_err(failed)?;
    let access = ThanosAccess::new(&thanos.url, trust, &thanos.token_file);
    let mut access = access.map_err(failed)?;
    access.timeouts = timeouts;
    Ok(access)
}

/// How to reach an appliance.
pub(crate) fn appliance_access(
    appliance: &Appliance,
    holder: Holder,
    timeouts: Timeouts,
) -> Result<TruenasAccess, RunError> {
    let api_key = keys::load_api_key(&appliance.api_key_file, holder).map_err(RunError::Keys)?;
    let ca_files: Vec<PathBuf> = appliance.ca_file.iter().cloned().collect();
    let failed = |source| RunError::Access {
        what: format!("appliance `{}`", appliance.name),
        source,
    };
    let trust = Trust::from_files(&ca_files, &appliance.pins, appliance.min_tls).map_err(failed)?;
    let mut access = TruenasAccess::new(
        &appliance.address.host,
        appliance.address.port,
        appliance.user.as_deref(),
        api_key,
        trust,
    )
    .map_err(failed)?;
    access.auth = appliance.auth;
    access.timeouts = timeouts;
    Ok(access)
}
