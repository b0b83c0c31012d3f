//! Pods and the claims they use. Environment, arguments and images of their containers are not decoded.

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::code::{EndReason, PodPhase, WaitReason};
use truenas_common::tables::{K8sPod, K8sPodVolume};
use truenas_common::time::Time;

use crate::gather::condition::{Condition, find};
use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::pod_volume::{Volume, claims_of_pod};
use crate::gather::{Gatherer, Read, quantity};
use crate::source::k8s::PODS;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/pod",
    why: "Which claims are in use and where, how long pods take to start, and whether the pods of drivers are healthy.",
    reads: &[Read::K8s(&PODS)],
    tables: &["k8s_pod", "k8s_pod_volume"],
};

/// A pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Pod {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Option<String>,
    volumes: Option<Vec<Volume>>,
    containers: Option<Vec<Container>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Container {
    resources: Resources,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resources {
    requests: Option<Amounts>,
    limits: Option<Amounts>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Amounts {
    cpu: Option<String>,
    memory: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    conditions: Option<Vec<Condition>>,
    container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerStatus {
    ready: bool,
    restart_count: i64,
    state: Option<State>,
    last_state: Option<State>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    waiting: Option<Waiting>,
    running: Option<Running>,
    terminated: Option<Terminated>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Running {
    started_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Terminated {
    reason: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
}

/// One row a pod.
pub(in crate::gather) fn rows(pods: &[Pod], redactor: &Redactor) -> Vec<K8sPod> {
    pods.iter().map(|pod| row(pod, redactor)).collect()
}

/// One row for each claim of a pod.
pub(in crate::gather) fn volume_rows(pods: &[Pod], redactor: &Redactor) -> Vec<K8sPodVolume> {
    let of_pod = |pod: &Pod| {
        let volumes = pod.spec.volumes.as_deref().unwrap_or_default();
        let claims = claims_of_pod(pod.metadata.name(), volumes);
        let rows = claims.into_iter().map(|(claim, claim_use)| K8sPodVolume {
            pod_uid: pod.metadata.uid(redactor),
            claim: redactor.name(&claim),
            namespace: redactor.name(pod.metadata.namespace()),
            node: filled(pod.spec.node_name.as_ref()).map(|name| redactor.name(name)),
            is_ephemeral: claim_use.is_ephemeral,
            is_read_only: claim_use.is_read_only,
        });
        rows.collect::<Vec<_>>()
    };
    pods.iter().flat_map(of_pod).collect()
}

fn row(pod: &Pod, redactor: &Redactor) -> K8sPod {
    let (metadata, spec, status) = (&pod.metadata, &pod.spec, &pod.status);
    let owner = metadata.owner();
    let statuses = status.container_statuses.as_deref().unwrap_or_default();
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let containers = spec.containers.as_deref().unwrap_or_default();
    let ended = last_end(statuses);
    let requests = |container: &Container, pick: fn(&Amounts) -> Option<i64>| {
        container.resources.requests.as_ref().and_then(pick)
    };
    let limits = |container: &Container, pick: fn(&Amounts) -> Option<i64>| {
        container.resources.limits.as_ref().and_then(pick)
    };
    K8sPod {
        uid: metadata.uid(redactor),
        namespace: redactor.name(metadata.namespace()),
        name: redactor.name(metadata.name()),
        created_at: metadata.created_at(),
        deleting_at: metadata.deleting_at(),
        phase: PodPhase::parse(status.phase.as_deref().unwrap_or("Pending")),
        node: filled(spec.node_name.as_ref()).map(|name| redactor.name(name)),
        owner_kind: owner.map(|owner| owner.kind()),
        owner: owner.map(|owner| redactor.name(&owner.name)),
        owner_uid: owner.map(|owner| owner.uid(redactor)),
        is_ready: find(conditions, "Ready").is_some_and(Condition::is_true),
        scheduled_at: find(conditions, "PodScheduled").and_then(Condition::true_since),
        started_at: statuses.iter().filter_map(started_at).min(),
        ready_at: find(conditions, "Ready").and_then(Condition::true_since),
        n_containers: count(containers.len()),
        n_ready_containers: count(statuses.iter().filter(|status| status.ready).count()),
        n_restarts: statuses
            .iter()
            .fold(0, |sum, status| status.restart_count.saturating_add(sum)),
        wait_reason: statuses.iter().find_map(wait_reason),
        end_reason: ended.and_then(|ended| filled(ended.reason.as_ref()).map(EndReason::parse)),
        container_ended_at: ended.and_then(|ended| time(ended.finished_at.as_deref())),
        cpu_request_millicores: any_sum(containers.iter().map(|one| requests(one, cpu))),
        cpu_limit_millicores: full_sum(containers.iter().map(|one| limits(one, cpu))),
        memory_request_bytes: any_sum(containers.iter().map(|one| requests(one, memory))),
        memory_limit_bytes: full_sum(containers.iter().map(|one| limits(one, memory))),
    }
}

fn cpu(amounts: &Amounts) -> Option<i64> {
    quantity::millis(amounts.cpu.as_deref()?)
}

fn memory(amounts: &Amounts) -> Option<i64> {
    quantity::bytes(amounts.memory.as_deref()?)
}

/// The sum of what is there; nothing when nothing is.
fn any_sum(amounts: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    amounts.flatten().reduce(i64::saturating_add)
}

/// The sum, if every container has one.
fn full_sum(amounts: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    let amounts: Option<Vec<i64>> = amounts.collect();
    amounts?.into_iter().reduce(i64::saturating_add)
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn started_at(status: &ContainerStatus) -> Option<Time> {
    let state = status.state.as_ref()?;
    let text = match (&state.running, &state.terminated) {
        (Some(running), _) => running.started_at.as_deref(),
        (None, Some(terminated)) => terminated.started_at.as_deref(),
        (None, None) => None,
    };
    time(text)
}

fn wait_reason(status: &ContainerStatus) -> Option<WaitReason> {
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    filled(waiting.reason.as_ref()).map(WaitReason::parse)
}

/// The newest end of a container before its present run.
fn last_end(statuses: &[ContainerStatus]) -> Option<&Terminated> {
    statuses
        .iter()
        .filter_map(|status| status.last_state.as_ref()?.terminated.as_ref())
        .max_by_key(|ended| time(ended.finished_at.as_deref()).map(Time::unix_secs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::write_line;
    use truenas_common::tables::code::WorkloadKind;

    fn pod(json: &str) -> Pod {
        serde_json::from_str(json).unwrap()
    }

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open)
    }

    const POD: &str = r#"{"metadata": {"name": "pg-0", "namespace": "db", "uid": "b0b0b0b0-0000-4000-8000-000000000000",
        "creationTimestamp": "2026-03-02T09:00:00Z",
        "ownerReferences": [{"kind": "StatefulSet", "name": "pg", "uid": "u", "controller": true}]},
      "spec": {"nodeName": "worker-01",
        "containers": [{"name": "pg", "image": "example.net/pg:1", "args": ["--password=hush"],
            "env": [{"name": "PASSWORD", "value": "hush"}],
            "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}},
          {"name": "log", "resources": {"requests": {"cpu": "1"}}}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-pg-0"}}]},
      "status": {"phase": "Running",
        "conditions": [{"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-03-02T09:00:02Z"},
          {"type": "Ready", "status": "False", "lastTransitionTime": "2026-03-02T10:00:00Z"}],
        "containerStatuses": [
          {"name": "pg", "ready": false, "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
           "lastState": {"terminated": {"reason": "OOMKilled", "finishedAt": "2026-03-02T10:00:00Z"}}},
          {"name": "log", "ready": true, "restartCount": 1, "state": {"running": {"startedAt": "2026-03-02T09:00:20Z"}},
           "lastState": {"terminated": {"reason": "Error", "finishedAt": "2026-03-02T09:00:10Z"}}}]}}"#;

    #[test]
    fn failing_pod_shows_its_restarts_and_last_end() {
        let row = &rows(&[pod(POD)], &redactor())[0];
        assert_eq!(row.owner_kind, Some(WorkloadKind::StatefulSet));
        assert_eq!((row.n_restarts, row.n_ready_containers), (5, 1));
        assert_eq!(row.wait_reason, Some(WaitReason::CrashLoopBackOff));
        assert_eq!(row.end_reason, Some(EndReason::OomKilled));
        assert!(!row.is_ready && row.ready_at.is_none());
        assert_eq!(row.scheduled_at, Time::parse("2026-03-02T09:00:02Z"));
        assert_eq!(row.started_at, Time::parse("2026-03-02T09:00:20Z"));
    }

    #[test]
    fn limit_of_a_pod_needs_a_limit_of_each_container() {
        let row = &rows(&[pod(POD)], &redactor())[0];
        assert_eq!(row.cpu_request_millicores, Some(1_500));
        assert_eq!(row.memory_request_bytes, Some(1 << 30));
        assert_eq!(
            (row.cpu_limit_millicores, row.memory_limit_bytes),
            (None, None)
        );
    }

    #[test]
    fn neither_environment_nor_arguments_leave() {
        let pods = [pod(POD)];
        let mut line = Vec::new();
        write_line(&rows(&pods, &redactor())[0], &mut line);
        write_line(&volume_rows(&pods, &redactor())[0], &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(
            line.contains("data-pg-0") && !line.contains("hush") && !line.contains("example.net")
        );
    }

    #[test]
    fn pod_that_is_not_placed_has_no_times() {
        let row = &rows(
            &[pod(r#"{"metadata": {"name": "a"}, "status": {}}"#)],
            &redactor(),
        )[0];
        assert_eq!(row.phase, PodPhase::Pending);
        assert!(row.node.is_none() && row.started_at.is_none() && row.owner_uid.is_none());
        assert_eq!((row.n_restarts, row.cpu_request_millicores), (0, None));
    }
}
