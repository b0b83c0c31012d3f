//! Orphans of the sample, in both directions and all grades.

use super::{DAY, GIB, NOW, appliance, cluster, dataset, findings, hex};
use crate::report::model::{Grade, Moment, Name, Orphan, Orphans, Prose, SnapshotWithoutBacking};
use crate::report::number::{Number, Round, Unit};

pub(super) fn orphans() -> Orphans {
    let all = findings::findings();
    let storage =
        |grade, token: &str, gib: i64, days: i64, note: &str, fingerprint: String| Orphan {
            grade,
            subject: dataset(token),
            check: "ORP-001".to_owned(),
            bytes: Number::bytes(gib * GIB, Round::Down),
            first_absent: Some(Moment::day(NOW - days * DAY)),
            sessions: match grade {
                Grade::Candidate => Number::not_collected(Unit::Count, "permission denied"),
                _ => Number::found(0, 18),
            },
            dependants: Number::found(0, 612),
            note: Prose::words(note),
            finding: fingerprint,
        };
    Orphans {
        basis: vec![cluster(0), cluster(1), appliance(0)],
        limits: vec![
            Prose::words("Sessions of ")
                .name(&appliance(1))
                .text(" were not read; its volumes are candidates at most."),
            Prose::words("Add ")
                .code("scope.parents: [{dataset: …, clusters: […], complete: true}]")
                .text(" to the configuration to allow better grades."),
        ],
        n_storage_checked: 412,
        on_storage: vec![
            storage(
                Grade::Confirmed,
                ORPHANS[0],
                512,
                36,
                "Written 0 since first absent.",
                all[3].fingerprint.clone(),
            ),
            storage(
                Grade::Confirmed,
                ORPHANS[1],
                187,
                36,
                "Written 0 since first absent.",
                hex(61),
            ),
            storage(
                Grade::Confirmed,
                ORPHANS[2],
                32,
                19,
                "Three bundles.",
                hex(62),
            ),
            storage(
                Grade::Probable,
                ORPHANS[3],
                96,
                2,
                "Absent in one bundle only.",
                all[5].fingerprint.clone(),
            ),
            storage(
                Grade::Candidate,
                ORPHANS[4],
                744,
                88,
                "Sessions were not read.",
                all[6].fingerprint.clone(),
            ),
        ],
        n_kubernetes_checked: 397,
        in_kubernetes: vec![Orphan {
            grade: Grade::Confirmed,
            subject: all[0].subject.clone(),
            check: "ORP-002".to_owned(),
            bytes: Number::not_known(Unit::Bytes, "nothing on storage"),
            first_absent: Some(Moment::day(NOW - DAY)),
            sessions: Number::found(0, 18),
            dependants: Number::count_of(1, "pod waits", "pods wait"),
            note: Prose::words("Pool imported and unlocked."),
            finding: all[0].fingerprint.clone(),
        }],
        confirmed: Some(Number::bytes(731 * GIB, Round::Down)),
        probable: Some(Number::bytes(96 * GIB, Round::Down)),
        candidate: Some(Number::bytes(744 * GIB, Round::Down)),
    }
}

const ORPHANS: [&str; 5] = [
    "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-7f2f0c1e-52a7-4d7e-9f43-d1a06d0c9b1f",
    "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-0be6a8d4-3e0c-4b7c-8a53-5f2a9f5f7d20",
    "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-d41a3c55-86fb-49c2-9a0e-77e0a63f1b08",
    "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-31c9e7f0-aa10-4a57-b1a9-2f6cf04fd5aa",
    "pool-m3xw5cplq2vyr6ta/vols/pvc-e2b0a6c1-1f5b-4f0e-8a7f-9c2d7a4e6b13",
];

pub(super) fn snapshots() -> Vec<SnapshotWithoutBacking> {
    let all = findings::findings();
    vec![SnapshotWithoutBacking {
        grade: Grade::Confirmed,
        content: all[2].subject.clone(),
        snapshot: Some(Name::new(
            "volumesnapshot",
            "ns-svdkxb63hs5rel7d/vs-t5hcw2zqk7ny3ojd",
        )),
        claim: Some(Name::new(
            "claim",
            "ns-svdkxb63hs5rel7d/claim-n4b7qxw2r6tkz5ya",
        )),
        handle: Name::new(
            "snapshot",
            "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-1c0b7a52-90de-4b0f-8f3c-6b1f0f6f2e11@snapshot-4a1c88d0-6c8b-4f33-9c0f-6c2e6c8ad001",
        ),
        taken: Some(Moment::at(NOW - 9 * DAY)),
        finding: all[2].fingerprint.clone(),
    }]
}
