//! Virtual machines of KubeVirt and the claims they use. Their other settings are not decoded.

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::code::{MachineStatus, RunStrategy};
use truenas_common::tables::{K8sVirtualMachine, K8sVirtualMachineVolume};

use crate::gather::metadata::{Metadata, filled};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::VIRTUAL_MACHINES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/virtual_machine",
    why: "Claims of virtual machines that are switched off: they have no pod, and are in use all the same.",
    reads: &[Read::K8s(&VIRTUAL_MACHINES)],
    tables: &["k8s_virtual_machine", "k8s_virtual_machine_volume"],
};

/// A virtual machine.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct VirtualMachine {
    metadata: Metadata,
    spec: Spec,
    status: Status,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    running: Option<bool>,
    run_strategy: Option<String>,
    template: Template,
    data_volume_templates: Option<Vec<DataVolumeTemplate>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Template {
    spec: MachineSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MachineSpec {
    volumes: Option<Vec<Volume>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Volume {
    persistent_volume_claim: Option<ClaimSource>,
    data_volume: Option<DataVolumeSource>,
    ephemeral: Option<EphemeralSource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EphemeralSource {
    persistent_volume_claim: Option<ClaimSource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ClaimSource {
    claim_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DataVolumeSource {
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DataVolumeTemplate {
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    printable_status: Option<String>,
    ready: Option<bool>,
}

/// One row a machine.
pub(in crate::gather) fn rows(
    machines: &[VirtualMachine],
    redactor: &Redactor,
) -> Vec<K8sVirtualMachine> {
    machines
        .iter()
        .map(|machine| {
            let (metadata, spec, status) = (&machine.metadata, &machine.spec, &machine.status);
            // The older field is still served.
            let older = match spec.running {
                Some(true) => Some(RunStrategy::Always),
                Some(false) => Some(RunStrategy::Halted),
                None => None,
            };
            K8sVirtualMachine {
                uid: metadata.uid(redactor),
                namespace: redactor.name(metadata.namespace()),
                name: redactor.name(metadata.name()),
                created_at: metadata.created_at(),
                deleting_at: metadata.deleting_at(),
                run_strategy: filled(spec.run_strategy.as_ref())
                    .map(RunStrategy::parse)
                    .or(older),
                status: filled(status.printable_status.as_ref()).map(MachineStatus::parse),
                is_ready: status.ready.unwrap_or(false),
            }
        })
        .collect()
}

/// One row for each claim of a machine.
pub(in crate::gather) fn volume_rows(
    machines: &[VirtualMachine],
    redactor: &Redactor,
) -> Vec<K8sVirtualMachineVolume> {
    let of_machine = |machine: &VirtualMachine| {
        let rows =
            claims(machine)
                .into_iter()
                .map(|(claim, is_data_volume)| K8sVirtualMachineVolume {
                    machine_uid: machine.metadata.uid(redactor),
                    claim: redactor.name(claim),
                    namespace: redactor.name(machine.metadata.namespace()),
                    is_data_volume,
                });
        rows.collect::<Vec<_>>()
    };
    machines.iter().flat_map(of_machine).collect()
}

/// Every claim once, and whether a data volume makes it.
fn claims(machine: &VirtualMachine) -> BTreeMap<&str, bool> {
    let mut claims: BTreeMap<&str, bool> = BTreeMap::new();
    for volume in machine.spec.template.spec.volumes.iter().flatten() {
        let ephemeral = volume.ephemeral.as_ref();
        let source = volume
            .persistent_volume_claim
            .as_ref()
            .or_else(|| ephemeral?.persistent_volume_claim.as_ref());
        if let Some(name) = source.and_then(|source| filled(source.claim_name.as_ref())) {
            claims.entry(name).or_insert(false);
        }
        let made = volume.data_volume.as_ref();
        if let Some(name) = made.and_then(|made| filled(made.name.as_ref())) {
            claims.insert(name, true);
        }
    }
    for template in machine.spec.data_volume_templates.iter().flatten() {
        if let Some(name) = filled(template.metadata.name.as_ref()) {
            claims.insert(name, true);
        }
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};

    #[test]
    fn halted_machine_still_uses_its_claims() {
        let machines: Vec<VirtualMachine> = serde_json::from_str(
            r#"[{"metadata": {"name": "win", "namespace": "vms", "uid": "u"},
                 "spec": {"running": false, "dataVolumeTemplates": [{"metadata": {"name": "win-root"}}],
                  "template": {"spec": {"volumes": [{"name": "a", "dataVolume": {"name": "win-root"}},
                    {"name": "b", "persistentVolumeClaim": {"claimName": "win-data"}},
                    {"name": "c", "ephemeral": {"persistentVolumeClaim": {"claimName": "image"}}},
                    {"name": "d", "cloudInitNoCloud": {"userData": "password: hush"}}]}}},
                 "status": {"printableStatus": "Stopped"}},
                {"metadata": {"name": "lin", "namespace": "vms", "uid": "v"}, "spec": {"runStrategy": "RerunOnFailure"}}]"#,
        )
        .unwrap();
        let redactor = Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Open);
        let all = rows(&machines, &redactor);
        assert_eq!(all[0].run_strategy, Some(RunStrategy::Halted));
        assert_eq!(all[0].status, Some(MachineStatus::Stopped));
        assert_eq!(all[1].run_strategy, Some(RunStrategy::RerunOnFailure));
        let volumes = volume_rows(&machines, &redactor);
        let claims: Vec<(&str, bool)> = volumes
            .iter()
            .map(|row| (row.claim.as_str(), row.is_data_volume))
            .collect();
        assert_eq!(
            claims,
            [("image", false), ("win-data", false), ("win-root", true)]
        );
    }
}
