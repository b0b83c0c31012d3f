//! Health of the platform's operators that storage depends on; others have no row.

use serde::Deserialize;
use truenas_common::redact::Version;
use truenas_common::tables::K8sClusterOperator;
use truenas_common::tables::code::PlatformOperator;

use crate::gather::condition::{Condition, truth};
use crate::gather::metadata::Metadata;
use crate::gather::{Gatherer, Read};
use crate::source::k8s::CLUSTER_OPERATORS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/cluster_operator",
    why: "Whether the snapshot controller and the storage operator of the platform work.",
    reads: &[Read::K8s(&CLUSTER_OPERATORS)],
    tables: &["k8s_cluster_operator"],
};

/// An operator.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct ClusterOperator {
    metadata: Metadata,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    conditions: Option<Vec<Condition>>,
    versions: Option<Vec<OperandVersion>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OperandVersion {
    name: String,
    version: String,
}

const CONDITIONS: [&str; 3] = ["Available", "Progressing", "Degraded"];

/// One row for each operator of the closed list.
pub(in crate::gather) fn rows(operators: &[ClusterOperator]) -> Vec<K8sClusterOperator> {
    operators
        .iter()
        .filter_map(|object| {
            let operator = PlatformOperator::parse(object.metadata.name());
            if operator == PlatformOperator::Other {
                return None;
            }
            let conditions = object.status.conditions.as_deref().unwrap_or_default();
            let mut versions = object.status.versions.iter().flatten();
            let own = versions.find(|operand| operand.name == "operator");
            let shown = conditions
                .iter()
                .filter(|condition| CONDITIONS.contains(&condition.r#type.as_str()));
            Some(K8sClusterOperator {
                operator,
                version: own.and_then(|operand| Version::find(&operand.version)),
                is_available: truth(conditions, "Available"),
                is_progressing: truth(conditions, "Progressing"),
                is_degraded: truth(conditions, "Degraded"),
                changed_at: shown.filter_map(Condition::changed_at).max(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::time::Time;

    #[test]
    fn only_operators_of_the_list_have_rows() {
        let operators: Vec<ClusterOperator> = serde_json::from_str(
            r#"[{"metadata": {"name": "storage"}, "status": {"versions": [{"name": "operator", "version": "4.20.4"}],
                  "conditions": [{"type": "Available", "status": "True", "lastTransitionTime": "2026-03-02T09:00:00Z"},
                   {"type": "Degraded", "status": "True", "lastTransitionTime": "2026-03-03T09:00:00Z"},
                   {"type": "Upgradeable", "status": "True", "lastTransitionTime": "2026-03-04T09:00:00Z"}]}},
                {"metadata": {"name": "somebody-elses"}, "status": {}}]"#,
        )
        .unwrap();
        let rows = rows(&operators);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].operator, PlatformOperator::Storage);
        assert_eq!(
            (rows[0].is_degraded, rows[0].is_progressing),
            (Some(true), None)
        );
        assert_eq!(rows[0].changed_at, Time::parse("2026-03-03T09:00:00Z"));
    }
}
