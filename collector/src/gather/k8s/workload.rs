//! Deployments, stateful sets, daemon sets, replica sets, jobs and cron jobs: what would use a claim again, and which
//! of them are CSI drivers.

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::code::{
    AccessMode, ClaimRetention, CsiRole, UpdateStrategy, WorkloadKind,
};
use truenas_common::tables::{K8sCsiContainer, K8sWorkload, K8sWorkloadClaim, K8sWorkloadVolume};

use crate::gather::metadata::{Metadata, filled};
use crate::gather::naming::{VolumeNaming, VolumeNamings};
use crate::gather::pod_volume::{Volume, claims_of_template};
use crate::gather::sidecar::{Arguments, Container};
use crate::gather::{Gatherer, Read, quantity};
use crate::source::k8s::{CRON_JOBS, DAEMON_SETS, DEPLOYMENTS, JOBS, REPLICA_SETS, STATEFUL_SETS};

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/workload",
    why: "Claims that a workload will use again although no pod runs now, and versions and timeouts of CSI drivers.",
    reads: &[
        Read::K8s(&DEPLOYMENTS),
        Read::K8s(&STATEFUL_SETS),
        Read::K8s(&DAEMON_SETS),
        Read::K8s(&REPLICA_SETS),
        Read::K8s(&JOBS),
        Read::K8s(&CRON_JOBS),
    ],
    tables: &[
        "k8s_csi_container",
        "k8s_workload",
        "k8s_workload_claim",
        "k8s_workload_volume",
    ],
};

/// Any of the six kinds; they share the names of their fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Object {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    replicas: Option<i64>,
    parallelism: Option<i64>,
    suspend: Option<bool>,
    strategy: Option<Strategy>,
    update_strategy: Option<Strategy>,
    persistent_volume_claim_retention_policy: Option<RetentionPolicy>,
    template: Option<Template>,
    job_template: Option<JobTemplate>,
    volume_claim_templates: Option<Vec<ClaimTemplate>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Strategy {
    r#type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RetentionPolicy {
    when_deleted: Option<String>,
    when_scaled: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JobTemplate {
    spec: JobSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JobSpec {
    template: Option<Template>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Template {
    spec: PodSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PodSpec {
    containers: Option<Vec<Container>>,
    volumes: Option<Vec<Volume>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClaimTemplate {
    metadata: Metadata,
    spec: ClaimSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ClaimSpec {
    access_modes: Option<Vec<String>>,
    storage_class_name: Option<String>,
    resources: Option<Resources>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resources {
    requests: Option<Requests>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Requests {
    storage: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    replicas: Option<i64>,
    ready_replicas: Option<i64>,
    desired_number_scheduled: Option<i64>,
    number_ready: Option<i64>,
    ready: Option<i64>,
}

impl Object {
    /// A deployment keeps its former replica sets as a record of its revisions: they make no pods.
    fn is_record(&self, kind: WorkloadKind) -> bool {
        kind == WorkloadKind::ReplicaSet
            && self.metadata.owner().is_some()
            && self.spec.replicas.unwrap_or(1) == 0
            && self.status.replicas.unwrap_or(0) == 0
    }

    fn pod_spec(&self) -> Option<&PodSpec> {
        let of_job = || self.spec.job_template.as_ref()?.spec.template.as_ref();
        let template = self.spec.template.as_ref().or_else(of_job)?;
        Some(&template.spec)
    }

    fn containers(&self) -> &[Container] {
        let containers = self.pod_spec().and_then(|spec| spec.containers.as_deref());
        containers.unwrap_or_default()
    }

    /// Replica sets repeat the template of their owner, jobs that of their cron job.
    fn is_copy(&self) -> bool {
        self.metadata.owner().is_some_and(|owner| {
            matches!(
                owner.kind(),
                WorkloadKind::Deployment | WorkloadKind::CronJob
            )
        })
    }
}

/// One row a workload.
pub(in crate::gather) fn rows(
    objects: &[Object],
    kind: WorkloadKind,
    redactor: &Redactor,
) -> Vec<K8sWorkload> {
    objects
        .iter()
        .filter(|object| !object.is_record(kind))
        .map(|object| row(object, kind, redactor))
        .collect()
}

fn row(object: &Object, kind: WorkloadKind, redactor: &Redactor) -> K8sWorkload {
    let (metadata, spec, status) = (&object.metadata, &object.spec, &object.status);
    let owner = metadata.owner();
    let (n_replicas, n_ready_replicas) = match kind {
        WorkloadKind::DaemonSet => (status.desired_number_scheduled, status.number_ready),
        WorkloadKind::Job => (Some(spec.parallelism.unwrap_or(1)), status.ready),
        WorkloadKind::CronJob => (None, None),
        _ => (Some(spec.replicas.unwrap_or(1)), status.ready_replicas),
    };
    let is_job = matches!(kind, WorkloadKind::Job | WorkloadKind::CronJob);
    let strategy = spec.strategy.as_ref().or(spec.update_strategy.as_ref());
    let retention = spec.persistent_volume_claim_retention_policy.as_ref();
    let retention = |pick: fn(&RetentionPolicy) -> Option<&str>| {
        let is_set = kind == WorkloadKind::StatefulSet;
        let word = retention.and_then(pick).unwrap_or("Retain");
        is_set.then(|| ClaimRetention::parse(word))
    };
    K8sWorkload {
        uid: metadata.uid(redactor),
        kind,
        namespace: redactor.name(metadata.namespace()),
        name: redactor.name(metadata.name()),
        created_at: metadata.created_at(),
        deleting_at: metadata.deleting_at(),
        owner_kind: owner.map(|owner| owner.kind()),
        owner_uid: owner.map(|owner| owner.uid(redactor)),
        n_replicas,
        // Go leaves a zero out.
        n_ready_replicas: n_replicas.map(|_| n_ready_replicas.unwrap_or(0)),
        is_suspended: is_job.then(|| spec.suspend.unwrap_or(false)),
        update_strategy: strategy
            .and_then(|strategy| filled(strategy.r#type.as_ref()))
            .map(UpdateStrategy::parse),
        retention_when_deleted: retention(|policy| policy.when_deleted.as_deref()),
        retention_when_scaled: retention(|policy| policy.when_scaled.as_deref()),
    }
}

/// One row for each claim that a template names. Copies of a template are left out: their owner has the row.
pub(in crate::gather) fn volume_rows(
    objects: &[Object],
    redactor: &Redactor,
) -> Vec<K8sWorkloadVolume> {
    let of_object = |object: &Object| {
        let volumes = object.pod_spec().and_then(|spec| spec.volumes.as_deref());
        let claims = claims_of_template(volumes.unwrap_or_default());
        let rows = claims.into_iter().map(|claim| K8sWorkloadVolume {
            workload_uid: object.metadata.uid(redactor),
            claim: redactor.name(claim),
            namespace: redactor.name(object.metadata.namespace()),
        });
        rows.collect::<Vec<_>>()
    };
    let originals = objects.iter().filter(|object| !object.is_copy());
    originals.flat_map(of_object).collect()
}

/// One row for each claim template of a stateful set.
pub(in crate::gather) fn claim_rows(
    objects: &[Object],
    redactor: &Redactor,
) -> Vec<K8sWorkloadClaim> {
    let of_object = |object: &Object| {
        let name = object.metadata.name();
        let templates = object.spec.volume_claim_templates.iter().flatten();
        let rows = templates.map(|template| {
            let spec = &template.spec;
            let requests = spec
                .resources
                .as_ref()
                .and_then(|all| all.requests.as_ref());
            K8sWorkloadClaim {
                workload_uid: object.metadata.uid(redactor),
                stem: redactor.name(&format!("{}-{name}", template.metadata.name())),
                namespace: redactor.name(object.metadata.namespace()),
                storage_class: filled(spec.storage_class_name.as_ref())
                    .map(|name| redactor.name(name)),
                request_bytes: requests
                    .and_then(|requests| quantity::bytes(requests.storage.as_deref()?)),
                access_mode: AccessMode::widest(
                    spec.access_modes.iter().flatten().map(String::as_str),
                ),
            }
        });
        rows.collect::<Vec<_>>()
    };
    objects.iter().flat_map(of_object).collect()
}

/// One row for each known container of a CSI driver.
pub(in crate::gather) fn container_rows(
    objects: &[Object],
    redactor: &Redactor,
) -> Vec<K8sCsiContainer> {
    let of_object = |object: &Object| {
        let driver = driver(object);
        let mut known: BTreeMap<CsiRole, &Container> = BTreeMap::new();
        for container in object.containers() {
            if let Some(role) = container.role() {
                known.entry(role).or_insert(container);
            }
        }
        let rows = known.into_iter().map(|(role, container)| {
            let none = Arguments::default();
            let arguments = container.args.as_ref().unwrap_or(&none);
            let prefix = filled(arguments.volume_name_prefix.as_ref());
            K8sCsiContainer {
                workload_uid: object.metadata.uid(redactor),
                role,
                namespace: redactor.name(object.metadata.namespace()),
                driver: driver.map(|name| redactor.name(name)),
                version: container.version(),
                has_floating_tag: container.has_floating_tag(),
                timeout_secs: arguments.timeout_secs,
                n_worker_threads: arguments.n_worker_threads,
                is_honoring_reclaim_policy: arguments.honors_reclaim_policy,
                uuid_length_chars: uuid_length(arguments).and_then(|length| length.try_into().ok()),
                is_prefix_changed: prefix.is_some_and(|prefix| prefix != "pvc"),
            }
        });
        rows.collect::<Vec<_>>()
    };
    let originals = objects.iter().filter(|object| !object.is_copy());
    originals.flat_map(of_object).collect()
}

/// Notes how the provisioner of each driver names volumes.
pub(in crate::gather) fn note_namings(objects: &[Object], namings: &mut VolumeNamings) {
    for object in objects.iter().filter(|object| !object.is_copy()) {
        let mut containers = object.containers().iter();
        let provisioner = containers.find(|one| one.role() == Some(CsiRole::Provisioner));
        let Some((driver, provisioner)) = driver(object).zip(provisioner) else {
            continue;
        };
        let Some(arguments) = &provisioner.args else {
            continue;
        };
        let mut naming = VolumeNaming::default();
        if let Some(prefix) = filled(arguments.volume_name_prefix.as_ref()) {
            prefix.clone_into(&mut naming.prefix);
        }
        naming.uuid_length = uuid_length(arguments);
        namings.note(driver, naming);
    }
}

/// Absent or negative means that names are not cut.
fn uuid_length(arguments: &Arguments) -> Option<usize> {
    usize::try_from(arguments.volume_name_uuid_length?).ok()
}

/// The driver that the pods of a workload serve.
fn driver(object: &Object) -> Option<&str> {
    let named = object
        .containers()
        .iter()
        .find_map(|container| filled(container.args.as_ref()?.csi_name.as_ref()));
    let has = |role| {
        let mut containers = object.containers().iter();
        containers.any(|container| container.role() == Some(role))
    };
    named
        .or_else(|| has(CsiRole::TruenasCsi).then_some("csi.truenas.io"))
        .or_else(|| has(CsiRole::TnsCsi).then_some("tns.csi.io"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    fn object(json: &str) -> Object {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn stateful_set_leads_to_its_claims_by_their_stem() {
        let set = object(
            r#"{"metadata": {"name": "postgres", "namespace": "db", "uid": "u"},
                "spec": {"replicas": 0, "updateStrategy": {"type": "RollingUpdate"},
                  "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"},
                  "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                    "storageClassName": "fast", "resources": {"requests": {"storage": "8Gi"}}}}]}}"#,
        );
        let redactor = redactor();
        let claim = &claim_rows(std::slice::from_ref(&set), &redactor)[0];
        assert_eq!(claim.stem, redactor.name("data-postgres"));
        assert_eq!(claim.request_bytes, Some(8 << 30));
        let row = &rows(&[set], WorkloadKind::StatefulSet, &redactor)[0];
        assert_eq!((row.n_replicas, row.n_ready_replicas), (Some(0), Some(0)));
        assert_eq!(row.retention_when_deleted, Some(ClaimRetention::Delete));
        assert_eq!(row.retention_when_scaled, Some(ClaimRetention::Retain));
        assert_eq!(row.is_suspended, None);
    }

    #[test]
    fn suspended_cron_job_names_the_claim_of_its_next_run() {
        let job = object(
            r#"{"metadata": {"name": "dump", "namespace": "db", "uid": "u"}, "spec": {"suspend": true,
                "jobTemplate": {"spec": {"template": {"spec": {"volumes": [
                  {"name": "a", "persistentVolumeClaim": {"claimName": "dumps"}}]}}}}}}"#,
        );
        let redactor = redactor();
        let volume = &volume_rows(std::slice::from_ref(&job), &redactor)[0];
        assert_eq!(volume.claim, redactor.name("dumps"));
        let row = &rows(&[job], WorkloadKind::CronJob, &redactor)[0];
        assert_eq!((row.is_suspended, row.n_replicas), (Some(true), None));
    }

    #[test]
    fn former_replica_set_has_no_row_and_a_living_one_repeats_no_claim() {
        let set = |replicas: u8| {
            object(&format!(
                r#"{{"metadata": {{"name": "web-1", "uid": "u", "ownerReferences":
                     [{{"kind": "Deployment", "name": "web", "uid": "d", "controller": true}}]}},
                    "spec": {{"replicas": {replicas}, "template": {{"spec": {{"volumes": [
                     {{"name": "a", "persistentVolumeClaim": {{"claimName": "media"}}}}]}}}}}}}}"#
            ))
        };
        let redactor = redactor();
        let kind = WorkloadKind::ReplicaSet;
        assert!(rows(&[set(0)], kind, &redactor).is_empty());
        let row = &rows(&[set(1)], kind, &redactor)[0];
        assert_eq!(row.owner_kind, Some(WorkloadKind::Deployment));
        assert!(volume_rows(&[set(1)], &redactor).is_empty());
        assert_eq!(
            rows(&[set(0)], WorkloadKind::Deployment, &redactor).len(),
            1
        );
    }

    const CONTROLLER: &str = r#"{"metadata": {"name": "zfs", "namespace": "csi", "uid": "u"},
        "spec": {"template": {"spec": {"containers": [
          {"name": "external-provisioner", "image": "registry.k8s.io/sig-storage/csi-provisioner:v3.6.0",
           "args": ["--timeout=90s", "--worker-threads=10", "--volume-name-prefix=vol", "--volume-name-uuid-length=16"]},
          {"name": "csi-driver", "image": "docker.io/democraticcsi/democratic-csi:next",
           "args": ["--csi-name=org.example.nas", "--driver-config-file=/config/x.yaml"]},
          {"name": "own", "image": "example.net/own:1"}]}}}}"#;

    #[test]
    fn driver_shows_its_known_containers_only() {
        let redactor = redactor();
        let rows = container_rows(&[object(CONTROLLER)], &redactor);
        let roles: Vec<CsiRole> = rows.iter().map(|row| row.role).collect();
        assert_eq!(roles, [CsiRole::Provisioner, CsiRole::DemocraticCsi]);
        assert_eq!(rows[0].driver, Some(redactor.name("org.example.nas")));
        assert_eq!(
            (rows[0].timeout_secs, rows[0].uuid_length_chars),
            (Some(90), Some(16))
        );
        assert!(rows[0].is_prefix_changed && !rows[0].has_floating_tag);
        assert!(rows[1].has_floating_tag && rows[1].version.is_none());
    }

    #[test]
    fn naming_is_that_of_the_driver_beside_the_provisioner() {
        let mut namings = VolumeNamings::default();
        note_namings(&[object(CONTROLLER)], &mut namings);
        let uid = "0505b078-9802-44c8-9f12-6d1271cd50eb";
        let own = namings.of(Some("org.example.nas")).volume_name(uid);
        assert_eq!(own, "vol-0505b078980244c8");
        let other = namings.of(Some("csi.truenas.io")).volume_name(uid);
        assert_eq!(other, format!("pvc-{uid}"));
        assert_eq!(namings.of(None).volume_name(uid), format!("pvc-{uid}"));
    }
}
