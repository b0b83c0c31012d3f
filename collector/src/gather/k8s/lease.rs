//! Leases by which the sidecars of CSI drivers and the snapshot-controller elect their leader; all other leases are dropped
//! where they are read.
//!
//! A lease is known by its name, which a sidecar makes from its own and from that of its driver. The name of a driver
//! cannot be read back from it, so the drivers of the cluster are compared. The snapshot-controller serves all drivers.

use std::collections::BTreeSet;

use serde::Deserialize;
use truenas_common::redact::Redactor;
use truenas_common::tables::K8sLease;
use truenas_common::tables::code::CsiRole;

use crate::gather::metadata::{Metadata, filled, time};
use crate::gather::{Gatherer, Read};
use crate::source::k8s::LEASES;

pub(in crate::gather) static GATHERER: Gatherer = Gatherer {
    id: "k8s/lease",
    why: "Whether the controllers of a driver have a leader: without one nothing is provisioned, attached, expanded or copied, though all pods are ready.",
    reads: &[Read::K8s(&LEASES)],
    tables: &["k8s_lease"],
};

/// What precedes the driver in the names of leases; external-provisioner's has the driver alone.
const PREFIXES: &[(&str, CsiRole)] = &[
    ("external-attacher-leader-", CsiRole::Attacher),
    ("external-health-monitor-leader-", CsiRole::HealthMonitor),
    ("external-resizer-", CsiRole::Resizer),
    ("external-snapshotter-leader-", CsiRole::Snapshotter),
    ("", CsiRole::Provisioner),
];

/// The lease of the snapshot-controller, of which a cluster has one.
const SNAPSHOT_CONTROLLER: &str = "snapshot-controller-leader";

/// A lease.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::gather) struct Lease {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    holder_identity: Option<String>,
    acquire_time: Option<String>,
    renew_time: Option<String>,
    lease_duration_seconds: Option<i64>,
    lease_transitions: Option<i64>,
}

/// One row for each lease of a sidecar of one of these drivers, and of a snapshot-controller.
pub(in crate::gather) fn rows(
    leases: &[Lease],
    drivers: &BTreeSet<String>,
    redactor: &Redactor,
) -> Vec<K8sLease> {
    let row = |lease: &Lease| {
        let (metadata, spec) = (&lease.metadata, &lease.spec);
        let (role, driver) = elects(metadata.name(), drivers)?;
        let holder = filled(spec.holder_identity.as_ref());
        Some(K8sLease {
            uid: metadata.uid(redactor),
            namespace: redactor.name(metadata.namespace()),
            driver: driver.map(|driver| redactor.name(driver)),
            role,
            is_held: holder.is_some(),
            holder: holder
                .filter(|holder| !is_number(holder))
                .map(|holder| redactor.name(holder)),
            acquired_at: time(spec.acquire_time.as_deref()),
            renewed_at: time(spec.renew_time.as_deref()),
            written_at: metadata.last_written_at(),
            duration_secs: spec.lease_duration_seconds,
            n_transitions: spec.lease_transitions,
        })
    };
    leases.iter().filter_map(row).collect()
}

/// Whose leader a lease elects, and for which driver; nothing when no driver, or more than one, could have given the name.
fn elects<'a>(name: &str, drivers: &'a BTreeSet<String>) -> Option<(CsiRole, Option<&'a str>)> {
    if name == SNAPSHOT_CONTROLLER {
        return Some((CsiRole::SnapshotController, None));
    }
    let of_role = |(prefix, role): &(&str, CsiRole)| {
        let rest = name.strip_prefix(prefix)?;
        let mut drivers = drivers.iter().filter(|driver| is_written(driver, rest));
        let driver = drivers.next()?;
        let is_one = drivers.next().is_none();
        is_one.then_some((*role, Some(driver.as_str())))
    };
    PREFIXES.iter().find_map(of_role)
}

/// Whether sidecars write a driver in this way: a dash for all but letters, digits and dashes.
fn is_written(driver: &str, text: &str) -> bool {
    let plain = |char: char| match char {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => char,
        _ => '-',
    };
    driver.chars().map(plain).eq(text.chars())
}

/// Whether a holder goes by milliseconds and a random number, in front of the driver.
fn is_number(holder: &str) -> bool {
    let mut pieces = holder.splitn(3, '-');
    let mut digits = |least: usize| {
        let piece = pieces.next().unwrap_or_default();
        piece.len() >= least && piece.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(13) && digits(1) && pieces.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::redact::{Profile, PseudonymKey};
    use truenas_common::schema::write_line;
    use truenas_common::time::Time;

    const DRIVERS: [&str; 2] = ["org.democratic-csi.iscsi", "files.acme.example"];

    fn redactor() -> Redactor {
        Redactor::new(&PseudonymKey::from_bytes([7; 32]), Profile::Standard)
    }

    fn of(leases: &str, drivers: &[&str]) -> Vec<K8sLease> {
        let leases: Vec<Lease> = serde_json::from_str(leases).unwrap();
        let drivers = drivers.iter().map(|name| (*name).to_owned()).collect();
        rows(&leases, &drivers, &redactor())
    }

    fn named(name: &str) -> String {
        format!(
            r#"[{{"metadata": {{"name": "{name}", "namespace": "csi", "uid": "u"}}, "spec": {{}}}}]"#
        )
    }

    #[track_caller]
    fn check(name: &str, expected: Option<(CsiRole, &str)>) {
        let rows = of(&named(name), &DRIVERS);
        let expected = expected.map(|(role, driver)| (role, Some(redactor().name(driver))));
        let found = rows.first().map(|row| (row.role, row.driver.clone()));
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn name_of_a_lease_tells_the_sidecar_and_its_driver() {
        let (iscsi, files) = (DRIVERS[0], DRIVERS[1]);
        check(
            "external-attacher-leader-org-democratic-csi-iscsi",
            Some((CsiRole::Attacher, iscsi)),
        );
        check(
            "org-democratic-csi-iscsi",
            Some((CsiRole::Provisioner, iscsi)),
        );
        check(
            "external-resizer-files-acme-example",
            Some((CsiRole::Resizer, files)),
        );
        check(
            "external-snapshotter-leader-files-acme-example",
            Some((CsiRole::Snapshotter, files)),
        );
        check(
            "external-health-monitor-leader-org-democratic-csi-iscsi",
            Some((CsiRole::HealthMonitor, iscsi)),
        );
    }

    #[test]
    fn lease_of_the_snapshot_controller_is_of_no_driver() {
        for drivers in [&DRIVERS[..], &[]] {
            let rows = of(&named("snapshot-controller-leader"), drivers);
            let found: Vec<_> = rows.iter().map(|row| (row.role, &row.driver)).collect();
            assert_eq!(found, [(CsiRole::SnapshotController, &None)]);
        }
    }

    #[test]
    fn leases_of_nodes_and_of_other_software_are_dropped() {
        for name in [
            "worker-01",
            "kube-scheduler",
            "external-attacher-leader-gone-example",
            "external-attacher-leader-",
            "external-health-monitor-leader-gone-example",
            "snapshot-controller-leader-2",
            "org-democratic-csi-iscsi-2",
            "",
        ] {
            check(name, None);
        }
    }

    #[test]
    fn lease_that_two_drivers_could_have_is_of_neither() {
        let lease = named("external-resizer-a-b-example");
        assert!(of(&lease, &["a.b.example", "a-b.example"]).is_empty());
        assert_eq!(of(&lease, &["a.b.example", "c.example"]).len(), 1);
    }

    #[test]
    fn holder_is_a_pod_unless_it_goes_by_a_number_or_gave_the_lease_back() {
        let holder = |holder: &str| {
            let json = format!(
                r#"[{{"metadata": {{"name": "org-democratic-csi-iscsi"}}, "spec": {{"holderIdentity": "{holder}"}}}}]"#
            );
            let row = of(&json, &DRIVERS).remove(0);
            (row.is_held, row.holder)
        };
        let pod = "zfs-iscsi-controller-7d4b9c6f5d-x2v8k";
        assert_eq!(holder(pod), (true, Some(redactor().name(pod))));
        let of_a_set = "2-3";
        assert_eq!(holder(of_a_set), (true, Some(redactor().name(of_a_set))));
        let number = "1778993623808-8215-org-democratic-csi-iscsi";
        assert_eq!(holder(number), (true, None));
        assert_eq!(holder(""), (false, None));
    }

    #[test]
    fn times_of_both_clocks_leave_and_names_do_not() {
        let json = r#"[{"metadata": {"name": "external-resizer-files-acme-example", "namespace": "acme-csi",
              "uid": "b0b0b0b0-0000-4000-8000-000000000000",
              "managedFields": [{"manager": "csi-resizer", "operation": "Update", "time": "2026-03-02T03:00:01Z"},
                {"manager": "csi-resizer", "operation": "Update", "time": "2026-03-01T00:00:00Z"}]},
            "spec": {"holderIdentity": "acme-controller-0", "leaseDurationSeconds": 15, "leaseTransitions": 3,
              "acquireTime": "2026-03-01T00:00:00.000000Z", "renewTime": "2026-03-02T02:59:58.123456Z"}}]"#;
        let row = of(json, &DRIVERS).remove(0);
        assert_eq!(row.acquired_at, Time::parse("2026-03-01T00:00:00Z"));
        assert_eq!(row.renewed_at, Time::parse("2026-03-02T02:59:58Z"));
        assert_eq!(row.written_at, Time::parse("2026-03-02T03:00:01Z"));
        assert_eq!((row.duration_secs, row.n_transitions), (Some(15), Some(3)));
        let mut line = Vec::new();
        write_line(&row, &mut line);
        let line = String::from_utf8(line).unwrap();
        assert!(
            !line.contains("acme") && line.contains("\"role\":\"resizer\""),
            "{line}"
        );
    }
}
