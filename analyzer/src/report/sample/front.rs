//! Page one of the sample.

use super::{DAY, GIB, NOW, appliance, bundle, cluster, dataset, days_ago, findings, hex, pool};
use crate::report::model::{
    AreaScore, Category, Change, ChangeKind, Changes, ClockOffset, Key, KeyNumber, Mark, Moment,
    Name, Prose, Quality, Resolution, Resolved, Risk, Scope, Severity, Tile, TileState, Title,
    Trust, TrustState,
};
use crate::report::number::{Number, Round};

pub(super) fn title() -> Title {
    Title {
        site: "north-1".to_owned(),
        scope: Scope {
            clusters: vec![cluster(0), cluster(1)],
            appliances: vec![appliance(0), appliance(1)],
            pools: vec![pool(0), pool(1)],
        },
        from: days_ago(30),
        to: Moment::at(NOW),
        bundles: vec![bundle(115), bundle(116), bundle(117)],
        ruleset: "0.1.0".to_owned(),
        profile: "standard".to_owned(),
    }
}

pub(super) fn trust() -> Trust {
    Trust {
        state: TrustState::Verified,
        verified: Number::part(31, 31),
        keys: vec![
            Key {
                fingerprint: hex(11),
                holder: "site north-1".to_owned(),
                trusted_since: Some(Moment::day(NOW - 210 * DAY)),
            },
            Key {
                fingerprint: hex(12),
                holder: "site north-1, second cluster".to_owned(),
                trusted_since: None,
            },
        ],
        marks: vec![Mark {
            option: "--accept-unknown-clock".to_owned(),
            harm: Prose::words("Ages across sources can be wrong by the offset of the clocks."),
        }],
    }
}

pub(super) fn quality() -> Quality {
    Quality {
        n_complete: 58,
        n_partial: 1,
        n_missing: 2,
        oldest: Some(Moment::at(NOW - 840)),
        newest: Some(Moment::at(NOW)),
        n_not_evaluated: 9,
        clocks: vec![
            ClockOffset {
                source: cluster(0),
                offset: Number::duration(1, Round::Up),
                is_limiting: false,
            },
            ClockOffset {
                source: appliance(0),
                offset: Number::duration(2, Round::Up),
                is_limiting: false,
            },
            ClockOffset {
                source: appliance(1),
                offset: Number::duration(412, Round::Up),
                is_limiting: true,
            },
        ],
        limits: vec![
            Prose::words("Sessions of ")
                .name(&appliance(1))
                .text(" were not read (permission denied): its orphans stay candidates."),
        ],
    }
}

pub(super) fn verdict() -> Prose {
    Prose::words("Pool ")
        .name(&pool(0))
        .text(" is ")
        .number(Number::share(8_231, 10_000, Round::Up))
        .text(" full and grew by ")
        .number(Number::bytes_per_day(17 * GIB + GIB / 5, Round::Up))
        .text("; ")
        .number(Number::bytes(731 * GIB, Round::Down))
        .text(" are confirmed reclaimable, and one claim points to a volume that storage does not have.")
}

pub(super) fn tiles() -> Vec<Tile> {
    let tile = |category, state, score, change: &str, worst: &str, coverage| Tile {
        category,
        state,
        score: Some(Number::points(score)),
        change: Some(Number::points(0).worded(|_| change.to_owned())),
        worst: Prose::words(worst),
        coverage,
    };
    vec![
        tile(
            Category::Protection,
            TileState::Act,
            55,
            "-8 since 21 Oct",
            "A claim without its volume",
            Number::part(14, 16),
        ),
        tile(
            Category::Capacity,
            TileState::Act,
            70,
            "-4 since 21 Oct",
            "Pool above 80\u{202F}%",
            Number::part(22, 22),
        ),
        tile(
            Category::Configuration,
            TileState::Plan,
            88,
            "no change",
            "NFS export open to the network",
            Number::part(40, 42),
        ),
        tile(
            Category::Hygiene,
            TileState::Plan,
            92,
            "+3 since 21 Oct",
            "731\u{202F}GiB in volumes nobody claims",
            Number::part(31, 36),
        ),
        Tile::without_checks(Category::Performance),
    ]
}

pub(super) fn key_numbers() -> Vec<KeyNumber> {
    vec![
        KeyNumber {
            label: "Confirmed reclaimable".to_owned(),
            number: Number::bytes(731 * GIB, Round::Down),
            note: Prose::words("3 volumes on storage. Probable and candidate space is not in it."),
        },
        KeyNumber {
            label: "Unbacked promise, worst pool".to_owned(),
            number: Number::ratio(2_341, 1_000, Round::Up),
            note: Prose::words("Promised and not reserved, over what is free in ")
                .name(&pool(0))
                .text("."),
        },
        KeyNumber {
            label: "Days to 80\u{202F}% of the next pool".to_owned(),
            number: Number::days(46 * DAY, Round::Down),
            note: Prose::words("Early bound for ")
                .name(&pool(1))
                .text("; ")
                .name(&pool(0))
                .text(" is above already."),
        },
    ]
}

pub(super) fn risks() -> Vec<Risk> {
    let all = findings::findings();
    let risk = |at: usize, evidence: Prose, action: &str, effort: &str| Risk {
        severity: all[at].effective,
        grade: all[at].grade,
        what: all[at].title.clone(),
        subject: all[at].subject.clone(),
        evidence,
        action: Prose::words(action),
        effort: effort.to_owned(),
        finding: all[at].fingerprint.clone(),
    };
    vec![
        risk(
            0,
            Prose::words("Bound claim; no dataset in ")
                .number(Number::part(2, 2))
                .text(" complete lists"),
            "Stop the workload from being moved; look for the volume on the replica",
            "1 h",
        ),
        risk(
            1,
            Prose::new()
                .number(Number::share(8_231, 10_000, Round::Up))
                .text(" used, limit 80.0\u{202F}%"),
            "Reclaim the confirmed orphans, then extend the pool",
            "2 h",
        ),
        risk(
            2,
            Prose::words("Snapshot missing on storage, content says ready"),
            "Take a new restore point today",
            "10 min",
        ),
        risk(
            3,
            Prose::new()
                .number(Number::bytes(512 * GIB, Round::Down))
                .text(", absent in 6 bundles, no session"),
            "Rename to quarantine, delete after 30 days",
            "15 min",
        ),
        risk(
            4,
            Prose::words("Share lists no host and no network"),
            "Restrict the export to the node networks",
            "20 min",
        ),
    ]
}

pub(super) fn changes() -> Changes {
    let all = findings::findings();
    let change = |at: usize, kind, days| Change {
        kind,
        check: all[at].check.clone(),
        title: all[at].title.clone(),
        subject: all[at].subject.clone(),
        severity: all[at].effective,
        age: Number::days(days * DAY, Round::Up),
        finding: all[at].fingerprint.clone(),
    };
    let gone = |name: &str, kind, title: &str, check: &str, seed| Change {
        kind,
        check: check.to_owned(),
        title: title.to_owned(),
        subject: dataset(name),
        severity: Severity::Medium,
        age: Number::days(41 * DAY, Round::Up),
        finding: hex(seed),
    };
    Changes {
        since: Some(days_ago(30)),
        n_new: 3,
        n_regressed: 1,
        n_persisting: 4,
        resolved: vec![
            Resolved {
                reason: Resolution::Fixed,
                n: 1,
            },
            Resolved {
                reason: Resolution::ObjectRemoved,
                n: 1,
            },
            Resolved {
                reason: Resolution::NotCollected,
                n: 1,
            },
        ],
        rows: vec![
            change(0, ChangeKind::New, 1),
            change(1, ChangeKind::New, 4),
            change(2, ChangeKind::New, 2),
            change(3, ChangeKind::Persisting, 36),
            change(4, ChangeKind::Regressed, 6),
            change(5, ChangeKind::Persisting, 120),
            change(6, ChangeKind::Persisting, 88),
            change(7, ChangeKind::Persisting, 61),
            gone(
                "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-aa01d5c8-15f2-4f7e-9d2b-1b8d5f7a0c33",
                ChangeKind::Resolved(Resolution::ObjectRemoved),
                "Volume on storage without a claim",
                "ORP-001",
                71,
            ),
            gone(
                "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/pvc-bb02d5c8-15f2-4f7e-9d2b-1b8d5f7a0c34",
                ChangeKind::Resolved(Resolution::Fixed),
                "Quota not enforced on an NFS volume",
                "CFG-012",
                72,
            ),
            gone(
                "pool-m3xw5cplq2vyr6ta/vols/pvc-cc03d5c8-15f2-4f7e-9d2b-1b8d5f7a0c35",
                ChangeKind::Resolved(Resolution::NotCollected),
                "Live session without attachment",
                "ORP-017",
                73,
            ),
        ],
        configuration: vec![
            Prose::words("Appliance ")
                .name(&appliance(0))
                .text(" moved from ")
                .code("25.04.2")
                .text(" to ")
                .code("25.10.1")
                .text("."),
            Prose::words("StorageClass ")
                .name(&Name::new("sc", "sc-w7rq2ny5kxv3bd4a"))
                .text(": ")
                .code("reclaimPolicy")
                .text(" Delete to Retain."),
        ],
    }
}

pub(super) fn areas() -> Vec<AreaScore> {
    let area =
        |area: &str, title: &str, n_fail, n_pass, n_not_applicable, n_not_evaluated| AreaScore {
            area: area.to_owned(),
            title: title.to_owned(),
            n_evaluated: n_fail + n_pass,
            n_fail,
            n_pass,
            n_not_applicable,
            n_not_evaluated,
        };
    vec![
        area("ORP", "Orphans", 4, 27, 6, 5),
        area("SNP", "Snapshots", 1, 13, 4, 2),
        area("CFG", "Configuration", 2, 38, 9, 2),
        area("CAP", "Capacity", 2, 20, 1, 0),
        area("PRF", "Performance", 0, 0, 12, 0),
        area("BPR", "Best practice", 0, 11, 3, 0),
    ]
}
