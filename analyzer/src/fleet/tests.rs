//! Few values, made by hand: what is shared, what is counted, what is missing.

use super::*;

mod order;
mod state;

const DAY: i64 = 86_400;
const GIB: i64 = 1 << 30;

/// A chain with daily bundles whose newest ended at a time.
fn chain(stream: &str, newest_at: i64) -> Chain {
    Chain {
        state: ChainState {
            site: "of the collector".to_owned(),
            stream: stream.to_owned(),
            first_seq: 1,
            last_seq: 3,
            n_bundles: 3,
            newest_at,
            expected_every_secs: Some(DAY),
            gaps: Vec::new(),
            forks: Vec::new(),
            broken: Vec::new(),
            clock_back: Vec::new(),
            restart: None,
        },
        bundle: format!("{stream}-000003"),
        version: "0.1.0".to_owned(),
        n_planned: 40,
        n_complete: 40,
        appliances: BTreeSet::new(),
    }
}

fn collector(site: &str, cluster: &str, chains: Vec<Chain>) -> Collector {
    Collector {
        site: site.to_owned(),
        cluster: Some(cluster.to_owned()),
        chains,
    }
}

/// A domain of which nothing is known but its collectors.
fn domain(name: &str, collectors: Vec<Collector>) -> Domain {
    Domain {
        name: name.to_owned(),
        collectors,
        contradiction: None,
        figures: Ok(Figures::default()),
    }
}

/// An appliance with one pool, used and size in GiB.
fn appliance(version: &str, used: i64, size: i64) -> Appliance {
    Appliance {
        version: Some(version.to_owned()),
        pools: Some(vec![Pool {
            name: "tank".to_owned(),
            space: Some((used * GIB, size * GIB)),
        }]),
        n_snapshots: Some(100),
    }
}

fn cluster(n_pvs: i64, n_volumes: i64) -> Cluster {
    Cluster {
        kubernetes: Some("1.36.2".to_owned()),
        n_pvs: Some(n_pvs),
        n_volumes: Some(n_volumes),
        ..Cluster::default()
    }
}

/// Two sites with a cluster each; the collector of the first reads the appliance, and volumes of both are on it.
fn sharing(name: &str) -> Domain {
    let mut reader = chain("s", 10 * DAY);
    reader.appliances.insert("nas".to_owned());
    let collectors = vec![
        collector("one", "c1", vec![reader]),
        collector("two", "c2", vec![chain("t", 10 * DAY)]),
    ];
    let owned = |cluster: &str| (cluster.to_owned(), "nas".to_owned());
    Domain {
        figures: Ok(Figures {
            clusters: [("c1", cluster(5, 3)), ("c2", cluster(9, 2))]
                .map(|(uid, cluster)| (uid.to_owned(), cluster))
                .into(),
            appliances: [("nas".to_owned(), appliance("25.10.1", 6, 8))].into(),
            uses: [(owned("c1"), 3), (owned("c2"), 2)].into(),
            ..Figures::default()
        }),
        ..domain(name, collectors)
    }
}

fn look(domains: Vec<Domain>, by: By) -> Fleet {
    let options = Options {
        at: None,
        stale_after: 2,
        by,
    };
    fleet(domains, options)
}

fn at(domains: Vec<Domain>, now: i64, stale_after: i64) -> Fleet {
    let options = Options {
        at: Some(now),
        stale_after,
        by: By::Stale,
    };
    fleet(domains, options)
}

/// Names of the sites in their order.
fn names(fleet: &Fleet) -> Vec<&str> {
    fleet.sites.iter().map(|site| site.site.as_str()).collect()
}

#[test]
fn an_appliance_of_two_clusters_stands_with_both_and_counts_once() {
    let fleet = look(vec![sharing("acme")], By::Findings);
    assert_eq!(fleet.appliances.len(), 1);
    let users = &fleet.appliances[0].users;
    let said: Vec<_> = users
        .iter()
        .map(|user| (user.site.as_str(), user.n_volumes, user.is_reader))
        .collect();
    assert_eq!(said, [("one", 3, true), ("two", 2, false)]);
    for site in &fleet.sites {
        let held = site.held.as_ref().unwrap();
        assert_eq!(held.appliances, ["nas"]);
        assert_eq!(
            held.snapshots,
            Sum {
                n: 100,
                n_unread: 0
            }
        );
        assert_eq!(
            (held.space.used_bytes, held.space.size_bytes),
            (6 * GIB, 8 * GIB)
        );
    }
    let totals = &fleet.totals;
    assert_eq!((totals.n_appliances, totals.n_shared), (1, 1));
    assert_eq!((totals.n_sites, totals.n_clusters), (2, 2));
    assert_eq!(
        (totals.pvs.n, totals.volumes.n, totals.snapshots.n),
        (14, 5, 100)
    );
    assert_eq!(
        (totals.space.used_bytes, totals.space.n_pools),
        (6 * GIB, 1)
    );
}

#[test]
fn one_pseudonym_in_two_domains_is_two_appliances() {
    let fleet = look(vec![sharing("b"), sharing("a")], By::Findings);
    let domains: Vec<_> = fleet
        .appliances
        .iter()
        .map(|of| of.domain.as_str())
        .collect();
    assert_eq!(domains, ["a", "b"]);
    for appliance in &fleet.appliances {
        assert_eq!(appliance.users.len(), 2, "a domain is a border");
    }
    let totals = &fleet.totals;
    assert_eq!(
        (totals.n_appliances, totals.n_shared, totals.n_sites),
        (2, 2, 4)
    );
    assert_eq!((totals.space.used_bytes, totals.pvs.n), (12 * GIB, 28));
    let nas = fleet
        .versions
        .iter()
        .find(|spread| spread.product == Product::TrueNas);
    let nas = nas.unwrap();
    assert_eq!(
        (nas.version.as_deref(), nas.n, nas.n_sites),
        (Some("25.10.1"), 2, 4)
    );
}

#[test]
fn a_cluster_that_two_collectors_read_counts_once() {
    let mut domain = sharing("acme");
    domain
        .collectors
        .push(collector("three", "c2", vec![chain("u", 10 * DAY)]));
    let fleet = look(vec![domain], By::Volumes);
    assert_eq!((fleet.totals.n_sites, fleet.totals.n_clusters), (3, 2));
    assert_eq!((fleet.totals.pvs.n, fleet.totals.volumes.n), (14, 5));
    let clusters = fleet
        .versions
        .iter()
        .find(|spread| spread.product == Product::Kubernetes);
    assert_eq!(clusters.map(|of| (of.n, of.n_sites)), Some((2, 3)));
}

#[test]
fn what_an_incomplete_bundle_does_not_tell_is_missing_and_makes_sums_the_least() {
    let mut short = sharing("acme");
    short.collectors[1].chains[0].n_complete = 12;
    let figures = short.figures.as_mut().unwrap();
    let cluster = figures.clusters.get_mut("c2").unwrap();
    (cluster.n_pvs, cluster.n_volumes) = (None, None);
    let unread = Appliance::default();
    figures.appliances.insert("blind".to_owned(), unread);
    short.collectors[0].chains[0]
        .appliances
        .insert("blind".to_owned());
    assert!(look(vec![short.clone()], By::Fill).is_whole());
    let figures = short.figures.as_mut().unwrap();
    figures.holes.push("k8s_pv of c2: denied".to_owned());
    let fleet = look(vec![short], By::Volumes);
    assert!(!fleet.is_whole());
    assert_eq!(
        names(&fleet),
        ["one", "two"],
        "what is not known comes last"
    );
    let [one, two] = [0, 1].map(|index| fleet.sites[index].held.clone().unwrap());
    assert_eq!((two.n_pvs, two.n_volumes), (None, None));
    assert_eq!(fleet.sites[1].chain.n_complete, 12);
    assert_eq!(
        one.snapshots,
        Sum {
            n: 100,
            n_unread: 1
        }
    );
    assert_eq!((one.space.n_pools, one.space.n_unread), (1, 1));
    assert_eq!(fleet.totals.pvs, Sum { n: 5, n_unread: 1 });
    assert_eq!((fleet.totals.n_planned, fleet.totals.n_complete), (80, 52));
}
