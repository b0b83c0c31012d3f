//! What a run of this configuration would read.

use truenas_common::bundle::PlannedList;
use truenas_common::tables::code::SourceKind;

use crate::config::Config;
use crate::gather;

/// The lists of the configured sources.
pub(crate) fn plan(config: &Config) -> Vec<PlannedList> {
    gather::plan()
        .into_iter()
        .filter(|list| is_configured(config, SourceKind::parse(&list.source)))
        .collect()
}

/// Whether the configuration names a server of this kind.
pub(crate) fn is_configured(config: &Config, source: SourceKind) -> bool {
    match source {
        SourceKind::Kubernetes => config.kubernetes.is_some(),
        SourceKind::Thanos => config.thanos.is_some(),
        SourceKind::Truenas => !config.truenas.is_empty(),
        SourceKind::Other => false,
    }
}

/// Every request of a run, one a line: discovery and lists of the cluster, queries of its metrics, login and methods of each appliance.
pub(crate) fn requests(config: &Config) -> Vec<String> {
    let plan = plan(config);
    let mut requests = Vec::new();
    let lists = |source: &'static str| plan.iter().filter(move |list| list.source == source);
    if let Some(cluster) = &config.kubernetes {
        for path in ["/version", "/api", "/apis"] {
            requests.push(format!("kubernetes\t{}\tget\t{path}", cluster.name));
        }
        for list in lists("kubernetes") {
            requests.push(format!("kubernetes\t{}\tget\t{}", cluster.name, list.list));
        }
    }
    if let Some(thanos) = &config.thanos {
        for list in lists("thanos") {
            let (name, metric) = (&thanos.cluster, &list.list);
            requests.push(format!("thanos\t{name}\tget\t/api/v1/query?query={metric}"));
        }
    }
    for appliance in &config.truenas {
        for method in ["auth.login", "system.version", "auth.me"] {
            let verb = if method == "auth.login" {
                "login"
            } else {
                "call"
            };
            requests.push(format!("truenas\t{}\t{verb}\t{method}", appliance.name));
        }
        for list in lists("truenas")
            .filter(|list| !["system.version", "auth.me"].contains(&list.list.as_str()))
        {
            requests.push(format!("truenas\t{}\tcall\t{}", appliance.name, list.list));
        }
    }
    if let Some(cluster) = &config.kubernetes {
        let again =
            lists("kubernetes").filter(|list| list.tables.iter().any(|table| table == "k8s_again"));
        for list in again {
            requests.push(format!(
                "kubernetes\t{}\tget-again\t{}",
                cluster.name, list.list
            ));
        }
    }
    requests
}
