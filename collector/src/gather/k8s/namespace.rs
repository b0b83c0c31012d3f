//! Namespaces. Of their labels only a stage and a security level are looked at, as words of closed lists.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sNamespace;
use truenas_common::tables::code::{Environment, NamespacePhase, PodSecurity};

use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::NAMESPACES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/namespace",
    why: "Namespaces whose deletion hangs on claims, and which ones hold production data.",
    reads: &[Read::K8s(&NAMESPACES)],
    tables: &["k8s_namespace"],
};

/// A namespace.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Namespace {
    metadata: Metadata,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    phase: Option<String>,
}

/// One row a namespace.
pub(in crate::gather) fn rows(namespaces: &[Namespace], redactor: &Redactor) -> Vec<K8sNamespace> {
    namespaces
        .iter()
        .map(|namespace| {
            let metadata = &namespace.metadata;
            let stage = metadata
                .label(|labels| &labels.environment)
                .or_else(|| metadata.label(|labels| &labels.env))
                .or_else(|| metadata.label(|labels| &labels.stage));
            let phase = namespace.status.phase.as_deref().unwrap_or("Active");
            K8sNamespace {
                name: redactor.name(metadata.name()),
                uid: metadata.uid(redactor),
                created_at: metadata.created_at(),
                deleting_at: metadata.deleting_at(),
                phase: NamespacePhase::parse(phase),
                environment: stage.map(environment),
                pod_security: metadata
                    .label(|labels| &labels.pod_security)
                    .map(PodSecurity::parse),
            }
        })
        .collect()
}

fn environment(label: &str) -> Environment {
    match label.to_lowercase().as_str() {
        "production" | "prod" | "live" => Environment::Production,
        "staging" | "stage" | "preprod" | "pre-production" => Environment::Staging,
        "test" | "testing" | "qa" => Environment::Test,
        "development" | "dev" => Environment::Development,
        _ => Environment::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::write_line;

    #[test]
    fn labels_leave_as_words_of_closed_lists() {
        let namespaces: Vec<Namespace> = serde_json::from_str(
            r#"[{"metadata": {"name": "shop", "uid": "u", "deletionTimestamp": "2026-03-02T09:00:00Z",
                  "labels": {"env": "Prod", "owner": "somebody", "pod-security.kubernetes.io/enforce": "restricted"}},
                 "status": {"phase": "Terminating"}},
                {"metadata": {"name": "lab", "uid": "v", "labels": {"environment": "project-x"}}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        let rows = rows(&namespaces, &redactor);
        assert_eq!(rows[0].environment, Some(Environment::Production));
        assert_eq!(rows[0].pod_security, Some(PodSecurity::Restricted));
        assert_eq!(rows[0].phase, NamespacePhase::Terminating);
        assert_eq!(rows[1].environment, Some(Environment::Other));
        let mut line = Vec::new();
        rows.iter().for_each(|row| write_line(row, &mut line));
        let line = String::from_utf8(line).unwrap();
        assert!(!line.contains("project-x") && !line.contains("somebody"));
    }
}
