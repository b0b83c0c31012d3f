//! Findings of the sample, worst first.

use super::{DAY, GIB, NOW, TIB, bundle, dataset, days_ago, hex, pool};
use crate::report::model::{
    Authority, Cell, Evidence, EvidenceSource, Finding, FindingState, Grade, GradePoint, Moment,
    Name, Plan, Prose, Severity, Step, StepKind, Threshold,
};
use crate::report::number::{Number, Round};

fn evidence(label: &str, value: Cell, table: &str) -> Evidence {
    let file = format!("data/{table}/000000.jsonl");
    let seed = table.bytes().map(u64::from).sum();
    Evidence {
        label: label.to_owned(),
        value,
        source: EvidenceSource {
            bundle: bundle(117),
            table: table.to_owned(),
            file,
            sha256: hex(seed),
            row: Prose::new(),
        },
    }
}

fn bare(
    seed: u64,
    check: &str,
    title: &str,
    subject: Name,
    severity: Severity,
    grade: Grade,
    days: i64,
) -> Finding {
    let fingerprint = hex(seed);
    let suppression = vec![
        "- finding: ".to_owned() + &fingerprint,
        "  reason: \"\"            # required".to_owned(),
        "  owner: \"\"             # required".to_owned(),
        "  until: 2027-02-20     # at most 90 days".to_owned(),
    ];
    Finding {
        fingerprint,
        check: check.to_owned(),
        title: title.to_owned(),
        evidence: vec![evidence(
            "seen as",
            Cell::Name(subject.clone()),
            "zfs_dataset",
        )],
        subject,
        grade,
        severity,
        effective: severity.effective(grade),
        state: if days < 5 {
            FindingState::New
        } else {
            FindingState::Persisting
        },
        first_seen: days_ago(days),
        last_seen: Moment::at(NOW),
        why: Prose::words(
            "The object costs space and is in no plan. Nobody will notice until the pool is full.",
        ),
        threshold: None,
        traps: vec![],
        plan: Plan::default(),
        points: vec![],
        suppression,
    }
}

pub(super) fn findings() -> Vec<Finding> {
    vec![
        missing_volume(),
        full_pool(),
        lost_snapshot(),
        orphan(),
        open_export(),
        bare(
            5,
            "ORP-001",
            "Volume on storage without a claim",
            dataset("jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-31c9e7f0-aa10-4a57-b1a9-2f6cf04fd5aa"),
            Severity::High,
            Grade::Probable,
            120,
        ),
        bare(
            6,
            "ORP-001",
            "Volume on storage without a claim",
            dataset("pool-m3xw5cplq2vyr6ta/vols/pvc-e2b0a6c1-1f5b-4f0e-8a7f-9c2d7a4e6b13"),
            Severity::High,
            Grade::Candidate,
            88,
        ),
        Finding {
            state: FindingState::Suppressed,
            ..bare(
                7,
                "CFG-007",
                "No default StorageClass",
                Name::new("cluster", "cl-x6jd4ma2pglu7ost"),
                Severity::Low,
                Grade::Confirmed,
                61,
            )
        },
    ]
}

fn missing_volume() -> Finding {
    let volume = Name::new("volume", "pvc-5d0c2f9a-7a0f-4d1e-8a44-0f7c5a3b9e61");
    let handle = Name::new(
        "dataset",
        "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-5d0c2f9a-7a0f-4d1e-8a44-0f7c5a3b9e61",
    );
    Finding {
        why: Prose::words("A bound claim points to a volume that storage does not have. The next mount of it fails, and with reclaim policy ")
            .code("Delete")
            .text(" nothing is left to restore."),
        evidence: vec![
            evidence("phase", Cell::Code("Bound".to_owned()), "k8s_pv"),
            evidence("claim", Cell::Name(Name::new("claim", "ns-svdkxb63hs5rel7d/claim-k2r7wqz5nyt4xbha")), "k8s_pv"),
            evidence("volume handle", Cell::Name(handle.clone()), "k8s_pv"),
            evidence("datasets under the parent", Cell::Number(Number::found(0, 412)), "zfs_dataset"),
            evidence("pool state", Cell::Code("ONLINE, imported, unlocked".to_owned()), "zfs_pool"),
        ],
        traps: vec![
            Prose::words("Pool exported or locked: looked at, it is imported and unlocked."),
            Prose::words("Rights limited to other pools: looked at, the list of the pool is complete."),
        ],
        plan: Plan {
            preconditions: vec![Prose::words("Do not delete the PersistentVolume; it holds the only record of the handle.")],
            steps: vec![
                Step::new(StepKind::Look, Prose::words("find out when it went"), &["zpool", "history", "-il"]).with(Prose::new().name(&pool(0))),
                Step::new(StepKind::Look, Prose::words("look for it under other parents"), &["zfs", "list", "-r", "-o", "name,used,creation"])
                    .with(Prose::new().name(&pool(0))),
                Step::new(StepKind::Change, Prose::words("bring it back from the replica"), &["zfs", "receive", "-u"])
                    .with(Prose::new().name(&handle)),
            ],
            expected: None,
            at_most: None,
            undo: Prose::words("Receiving creates a dataset; destroying that dataset again undoes it."),
        },
        points: vec![
            GradePoint { evidence: "handle absent from a complete list".to_owned(), points: 3 },
            GradePoint { evidence: "both Kubernetes reads agree".to_owned(), points: 3 },
            GradePoint { evidence: "share context names the same path".to_owned(), points: 3 },
        ],
        ..bare(0, "ORP-002", "Claim whose volume is missing on storage", volume, Severity::Critical, Grade::Confirmed, 1)
    }
}

fn full_pool() -> Finding {
    Finding {
        why: Prose::words("Above this level ZFS takes longer to find free space, and snapshots stop being cheap. At 90\u{202F}% the appliance raises its own alarm."),
        evidence: vec![
            evidence("used", Cell::Number(Number::bytes(16_856 * GIB, Round::Up)), "zfs_dataset_space"),
            evidence("size", Cell::Number(Number::bytes(20 * TIB, Round::Down)), "zfs_dataset_space"),
            evidence("share used", Cell::Number(Number::share(8_231, 10_000, Round::Up)), "zfs_dataset_space"),
        ],
        threshold: Some(Threshold {
            parameter: "pool_fill.warn".to_owned(),
            value: Number::per_mille(800),
            is_default: true,
            authority: Authority {
                text: "TrueNAS pool capacity alerts".to_owned(),
                url: Some("https://openzfs.github.io/openzfs-docs/Performance%20and%20Tuning/Workload%20Tuning.html".to_owned()),
            },
        }),
        traps: vec![Prose::words("Pool capacity and dataset space differ by parity and reservations; this is the dataset view.")],
        plan: Plan {
            preconditions: vec![],
            steps: vec![
                Step::new(StepKind::Look, Prose::words("see where the space is"), &["zfs", "list", "-o", "space", "-r"]).with(Prose::new().name(&pool(0))),
            ],
            expected: Some(Number::bytes(0, Round::Down)),
            at_most: Some(Number::bytes(731 * GIB, Round::Up)),
            undo: Prose::words("Nothing to undo."),
        },
        ..bare(1, "CAP-001", "Pool above its fill level", pool(0), Severity::High, Grade::Confirmed, 4)
    }
}

fn lost_snapshot() -> Finding {
    Finding {
        why: Prose::words(
            "Kubernetes lists a restore point that storage does not have. A restore from it fails when it is needed.",
        ),
        ..bare(
            2,
            "SNP-001",
            "Restore point without a snapshot",
            Name::new(
                "content",
                "snapcontent-4a1c88d0-6c8b-4f33-9c0f-6c2e6c8ad001",
            ),
            Severity::High,
            Grade::Confirmed,
            2,
        )
    }
}

fn orphan() -> Finding {
    let subject =
        dataset("jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-7f2f0c1e-52a7-4d7e-9f43-d1a06d0c9b1f");
    let quarantine = Prose::new().name(&dataset(
        "jhey7oqjnv64kbz3/quarantine/pvc-7f2f0c1e-52a7-4d7e-9f43-d1a06d0c9b1f",
    ));
    Finding {
        why: Prose::words(
            "The driver made this volume and no collected cluster refers to it. It holds space that nobody plans with.",
        ),
        evidence: vec![
            evidence(
                "used",
                Cell::Number(Number::bytes(512 * GIB, Round::Down)),
                "zfs_dataset_space",
            ),
            evidence(
                "managed_resource",
                Cell::Code("true (local)".to_owned()),
                "zfs_dataset_property",
            ),
            evidence(
                "clusters without reference",
                Cell::Number(Number::part(2, 2)),
                "k8s_pv",
            ),
            evidence(
                "live sessions",
                Cell::Number(Number::found(0, 18)),
                "nas_iscsi_session",
            ),
            evidence(
                "written since first absent",
                Cell::Number(Number::bytes(0, Round::Up)),
                "zfs_dataset_space",
            ),
        ],
        threshold: Some(Threshold {
            parameter: "orphan.grace".to_owned(),
            value: Number::days(DAY, Round::Down),
            is_default: false,
            authority: Authority {
                text: "ours".to_owned(),
                url: None,
            },
        }),
        traps: vec![
            Prose::words(
                "Another cluster shares the parent: the declaration names two clusters, both were collected.",
            ),
            Prose::words("Property inherited from the parent: its source is local."),
        ],
        plan: Plan {
            preconditions: vec![
                Prose::words("No session on the target, no client on the share."),
                Prose::words("Somebody who knows the namespace agrees."),
            ],
            steps: vec![
                Step::new(
                    StepKind::Look,
                    Prose::words("nothing depends on it"),
                    &[
                        "zfs",
                        "list",
                        "-t",
                        "snapshot",
                        "-o",
                        "name,clones,userrefs",
                        "-r",
                    ],
                )
                .with(Prose::new().name(&subject)),
                Step::new(
                    StepKind::Change,
                    Prose::words("quarantine for 30 days"),
                    &["zfs", "rename"],
                )
                .with(Prose::new().name(&subject))
                .with(quarantine.clone()),
                Step::new(
                    StepKind::Destroy,
                    Prose::words("after the 30 days"),
                    &["zfs", "destroy", "-r"],
                )
                .with(quarantine),
            ],
            expected: Some(Number::bytes(512 * GIB, Round::Down)),
            at_most: Some(Number::bytes(512 * GIB, Round::Up)),
            undo: Prose::words("Renaming back undoes the quarantine. Destroying cannot be undone."),
        },
        points: vec![
            GradePoint {
                evidence: "driver marker, source local".to_owned(),
                points: 2,
            },
            GradePoint {
                evidence: "absent from every declared cluster, lists complete".to_owned(),
                points: 3,
            },
            GradePoint {
                evidence: "absent in 6 bundles in a row".to_owned(),
                points: 3,
            },
            GradePoint {
                evidence: "no session".to_owned(),
                points: 2,
            },
            GradePoint {
                evidence: "nothing written since".to_owned(),
                points: 2,
            },
        ],
        ..bare(
            3,
            "ORP-001",
            "Volume on storage without a claim",
            subject,
            Severity::High,
            Grade::Confirmed,
            36,
        )
    }
}

fn open_export() -> Finding {
    Finding {
        state: FindingState::Regressed,
        ..bare(
            4,
            "CFG-014",
            "NFS export open to every network",
            dataset("jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-9a77e0c3-2b41-4c19-a8d2-0f55c1b7d9e4"),
            Severity::Medium,
            Grade::Confirmed,
            6,
        )
    }
}
