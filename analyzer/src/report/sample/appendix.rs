//! Appendices of the sample.

use super::{DAY, NOW, appliance, bundle, cluster, hex, pool};
use crate::report::model::{
    Appendix, Authority, Bundle, CheckOutcome, CheckRow, CheckState, Coverage, File, Moment,
    Parameter, Prose, Provenance, Source, Term,
};
use crate::report::number::{Number, Round, Unit};

pub(super) fn provenance() -> Provenance {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    Provenance {
        tool: "truenas-analyzer 0.1.0".to_owned(),
        ruleset: "0.1.0".to_owned(),
        ruleset_sha256: hex(31),
        parameters_sha256: hex(32),
        bundles: (115..=117)
            .map(|seq| Bundle {
                id: bundle(seq),
                to: Moment::at(NOW - i64::from(117 - seq) * DAY),
                sha256: hex(u64::from(seq)),
                key: hex(11),
                verification: "verified".to_owned(),
            })
            .collect(),
        files: [
            "k8s_pv",
            "nas_iscsi_session",
            "zfs_dataset",
            "zfs_dataset_property",
            "zfs_dataset_space",
            "zfs_pool",
        ]
        .iter()
        .map(|table| File {
            bundle: bundle(117),
            file: format!("data/{table}/000000.jsonl"),
            sha256: hex(table.bytes().map(u64::from).sum()),
            size: Number::bytes(table.len() as i64 * 81_233, Round::Up),
        })
        .collect(),
        reproduce: vec![
            words("truenas-analyzer verify --trust trust/ bundles/"),
            words(
                "truenas-analyzer report --history history/ --at 2026-11-20T03:12:00Z --format pdf --output report.pdf",
            ),
        ],
    }
}

pub(super) fn appendix(provenance: Provenance) -> Appendix {
    let ours = || Authority {
        text: "ours".to_owned(),
        url: None,
    };
    let parameter = |name: &str, value: &str, default: &str, authority| Parameter {
        name: name.to_owned(),
        scope: None,
        value: value.to_owned(),
        default: default.to_owned(),
        authority,
    };
    Appendix {
        method: vec![
            Prose::words("Used is what the pool's root dataset reports as used; free is what it reports as available. Pool capacity as ")
                .code("zpool list")
                .text(" prints it differs by parity and slop space."),
            Prose::words("Totals are computed from exact values; rounded parts may not add up."),
        ],
        parameters: vec![
            parameter("orphan.grace", "24 h", "48 h", ours()),
            parameter("pool_fill.high", "85 %", "85 %", Authority { text: "TrueNAS pool capacity alerts".to_owned(), url: None }),
            Parameter {
                scope: Some(pool(1)),
                ..parameter("pool_fill.warn", "70 %", "80 %", Authority { text: "TrueNAS pool capacity alerts".to_owned(), url: None })
            },
        ],
        sources: vec![
            source(0, "k8s/pv", "ok", 397, false),
            source(0, "k8s/pvc", "ok", 402, false),
            source(1, "k8s/pv", "ok", 61, false),
            source(2, "zfs/dataset", "ok", 412, false),
            source(2, "nas/iscsi-session", "ok", 18, false),
            source(3, "zfs/dataset", "truncated", 250, true),
            source(3, "nas/iscsi-session", "denied", -1, true),
        ],
        coverage: coverage(),
        provenance,
        glossary: vec![
            Term { word: "candidate".to_owned(), meaning: Prose::words("No reference found in what was collected; more evidence is needed before anybody acts.") },
            Term { word: "confirmed".to_owned(), meaning: Prose::words("Two independent keys agree, all lists are complete, and the object is older than its grace age.") },
            Term { word: "effective severity".to_owned(), meaning: Prose::words("Severity capped by the grade: a candidate is at most low, a probable finding at most medium.") },
            Term { word: "unbacked promise".to_owned(), meaning: Prose::words("Space that volumes may still ask for and that no reservation holds.") },
        ],
    }
}

fn source(at: usize, list: &str, outcome: &str, records: i64, is_limiting: bool) -> Source {
    let scope = [cluster(0), cluster(1), appliance(0), appliance(1)][at].clone();
    Source {
        scope,
        list: list.to_owned(),
        outcome: outcome.to_owned(),
        is_limiting,
        records: match records {
            -1 => Number::not_collected(Unit::Count, "permission denied"),
            n => Number::count(n),
        },
        duration: Number::duration(1 + records.rem_euclid(7), Round::Up),
        read_at: Moment::at(NOW - 600 + records),
    }
}

fn coverage() -> Coverage {
    let outcome = |state, reason: Option<&str>| CheckOutcome {
        state,
        reason: reason.map(str::to_owned),
    };
    let row = |check: &str, title: &str, states: [CheckState; 4]| CheckRow {
        check: check.to_owned(),
        title: title.to_owned(),
        outcomes: states
            .into_iter()
            .map(|state| match state {
                CheckState::NotEvaluated => outcome(state, Some("list denied: nas/iscsi-session")),
                CheckState::NotApplicable => outcome(state, Some("not collected")),
                CheckState::Fail | CheckState::Pass => outcome(state, None),
            })
            .collect(),
    };
    use CheckState::{Fail, NotApplicable, NotEvaluated, Pass};
    Coverage {
        scopes: vec![cluster(0), cluster(1), appliance(0), appliance(1)],
        rows: vec![
            row(
                "ORP-001",
                "Volume on storage without a claim",
                [NotApplicable, NotApplicable, Fail, Fail],
            ),
            row(
                "ORP-002",
                "Claim whose volume is missing on storage",
                [Fail, Pass, NotApplicable, NotApplicable],
            ),
            row(
                "ORP-017",
                "Live session without attachment",
                [NotApplicable, NotApplicable, Pass, NotEvaluated],
            ),
            row(
                "SNP-001",
                "Restore point without a snapshot",
                [Fail, Pass, NotApplicable, NotApplicable],
            ),
            row(
                "CFG-007",
                "Default StorageClass count",
                [Pass, Fail, NotApplicable, NotApplicable],
            ),
            row(
                "CFG-014",
                "NFS export open to every network",
                [NotApplicable, NotApplicable, Fail, Pass],
            ),
            row(
                "CAP-001",
                "Pool above its fill level",
                [NotApplicable, NotApplicable, Fail, Pass],
            ),
            row(
                "CAP-005",
                "Days to the next threshold",
                [NotApplicable, NotApplicable, Pass, NotEvaluated],
            ),
        ],
    }
}
