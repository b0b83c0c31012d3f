use super::*;
use std::collections::BTreeSet;

use crate::checks::{Grade, Severity};
use crate::fleet::{
    Appliance, Chain, Cluster, Collector, Domain, Figures, Found, Judged, Place, Pool,
};
use crate::history::ChainState;

const DAY: i64 = 86_400;

/// A pseudonym as long as they come.
fn token(kind: &str, n: usize) -> String {
    format!("{kind}-{}", "abcdefghijklmnop".replace('p', &n.to_string()))
}

fn uid(n: usize) -> String {
    format!("6c3dae2e-6d15-4352-93b0-df906257d5{n:02}")
}

fn chain(site: &str, n: usize, newest_at: i64) -> Chain {
    Chain {
        state: ChainState {
            site: site.to_owned(),
            stream: format!("8cd36058945cc2{n:02}"),
            first_seq: 1,
            last_seq: 41,
            n_bundles: 30,
            newest_at,
            expected_every_secs: Some(DAY),
            gaps: vec![(2, 4), (6, 6), (8, 9), (11, 14), (20, 20)],
            forks: Vec::new(),
            broken: Vec::new(),
            clock_back: Vec::new(),
            restart: None,
        },
        bundle: format!("{site}-000041-20260302T030000Z"),
        version: "0.1.0".to_owned(),
        n_planned: 64,
        n_complete: 63,
        appliances: (0..4).map(|n| token("appliance", n)).collect(),
    }
}

/// Sites with long names that share four appliances, one that is silent, and a domain that cannot be read.
fn answer(top: usize) -> Answer {
    let site = |n: usize| format!("site-with-a-rather-long-name-{n:02}");
    let mut collectors: Vec<Collector> = (0..4)
        .map(|n| Collector {
            site: site(n),
            cluster: Some(uid(n)),
            chains: vec![chain(&site(n), n, 1_772_420_400 + DAY)],
        })
        .collect();
    collectors[2].chains[0].state.newest_at -= 40 * DAY;
    collectors[3].chains[0].state.expected_every_secs = None;
    let cluster = |n: usize| Cluster {
        name: Some(token("cluster", n)),
        kubernetes: Some("1.36.2".to_owned()),
        openshift: Some("4.20.4".to_owned()),
        drivers: BTreeSet::from([("democratic-csi".to_owned(), Some("1.9.5".to_owned()))]),
        n_pvs: Some(50_000),
        n_volumes: Some(49_999),
    };
    let pool = |n: usize| Pool {
        name: token("ds", n),
        space: Some((82 << 40, 100 << 40)),
    };
    let appliance = |n: usize| Appliance {
        version: Some("26.0.0-BETA.3".to_owned()),
        pools: Some((0..2).map(pool).collect()),
        n_snapshots: (n > 0).then_some(500_000),
    };
    let severities = [Severity::Critical, Severity::High, Severity::Info];
    let findings = severities.into_iter().flat_map(|severity| {
        let found = Found {
            place: Place::Appliance(token("appliance", 0)),
            severity,
            grade: Grade::Confirmed,
        };
        std::iter::repeat_n(found, 1_234)
    });
    let figures = Figures {
        clusters: (0..3).map(|n| (uid(n), cluster(n))).collect(),
        appliances: (0..4)
            .map(|n| (token("appliance", n), appliance(n)))
            .collect(),
        uses: (0..3)
            .map(|n| ((uid(n), token("appliance", n)), 16_000))
            .collect(),
        judged: Some(Judged {
            findings: findings.collect(),
            blind: vec![Place::Domain; 12],
            lowest: Some(("Configuration", 0)),
        }),
        holes: vec![format!(
            "zfs_snapshot of {}: timed-out",
            token("appliance", 0)
        )],
    };
    let domains = vec![
        Domain {
            name: "a-domain-with-a-long-name".to_owned(),
            collectors,
            contradiction: None,
            figures: Ok(figures),
        },
        Domain {
            name: "hostile\u{202E}\x1b[31m".to_owned(),
            collectors: Vec::new(),
            contradiction: None,
            figures: Err("cannot use it".to_owned()),
        },
    ];
    let options = Options {
        at: None,
        stale_after: 2,
        by: By::Findings,
    };
    let mut config = Config::default();
    let words = ("a-domain-with-a-long-name".to_owned(), "Hall 3".to_owned());
    config.domains.extend([words]);
    Answer {
        fleet: fleet::fleet(domains, options),
        config,
        trusted: Vec::new(),
        top,
    }
}

#[test]
fn every_line_fits_a_terminal_and_no_name_is_cut() {
    let text = text::text(&answer(TOP));
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}\n{text}");
    }
    for n in 0..3 {
        let whole = [token("appliance", n), token("cluster", n)];
        assert!(whole.iter().all(|name| text.contains(name)), "{text}");
    }
    for said in [
        "(Hall 3)",
        "1 stale",
        "shared: 4",
        "hostile\\u{202e}\\u{1b}[31m",
        "not analysed: cannot use it",
        "and 2 more; `chain list` has them",
        ">=1 500 000 snapshots",
        "1234 critical (1234 confirmed)",
        "not read to its end: zfs_snapshot of",
        "nobody can tell without a schedule",
        "CSI driver democratic-csi",
        "lowest score 0 (Configuration)",
    ] {
        assert!(text.contains(said), "wanted `{said}` in: {text}");
    }
}

#[test]
fn a_list_that_was_cut_says_how_much_is_left() {
    let text = text::text(&answer(1));
    assert!(
        text.contains("and 3 sites more; --top N lists them"),
        "{text}"
    );
    assert!(
        text.contains("and 3 appliances more; --top N lists them"),
        "{text}"
    );
    assert_eq!(csv::csv(&answer(1)).lines().count(), 1 + 1 + 1);
}

#[test]
fn a_row_of_the_table_has_a_cell_for_each_column_and_a_failed_domain_has_a_row() {
    let text = csv::csv(&answer(usize::MAX));
    let lines: Vec<&str> = text.lines().collect();
    let n_cells: Vec<usize> = lines.iter().map(|line| line.split(',').count()).collect();
    assert_eq!(n_cells, [n_cells[0]; 6], "{text}");
    let columns: BTreeSet<&str> = lines[0].split(',').collect();
    assert_eq!(columns.len(), n_cells[0], "{text}");
    assert!(lines[5].ends_with(",cannot use it"), "{text}");
    let json = json::json(&answer(usize::MAX));
    assert_eq!(json["sites"].as_array().map(Vec::len), Some(4));
    assert_eq!(json["domains"][1]["not_analysed"], "cannot use it");
    assert_eq!(
        json["appliances"][0]["users"].as_array().map(Vec::len),
        Some(4)
    );
    assert_eq!(json["totals"]["findings"]["critical"]["n"], 1_234);
    assert_eq!(
        json["sites"][0]["findings"]["critical"]["n_confirmed"],
        1_234
    );
}
