//! Which site comes first, and what a domain that failed costs.

use super::*;

fn found(place: Place, severity: Severity, grade: Grade) -> Found {
    Found {
        place,
        severity,
        grade,
    }
}

/// A site in a domain of its own: critical and high findings, used GiB of 100, volumes.
fn scored(site: &str, findings: [usize; 2], used: i64, n_volumes: i64) -> Domain {
    let mut chain = chain("s", 10 * DAY);
    chain.appliances.insert("nas".to_owned());
    let place = || Place::Cluster("c".to_owned());
    let severities = [Severity::Critical, Severity::High];
    let findings = severities
        .into_iter()
        .zip(findings)
        .flat_map(|(severity, n)| {
            std::iter::repeat_with(move || found(place(), severity, Grade::Confirmed)).take(n)
        });
    Domain {
        figures: Ok(Figures {
            clusters: [("c".to_owned(), cluster(50, n_volumes))].into(),
            appliances: [("nas".to_owned(), appliance("25.10.1", used, 100))].into(),
            judged: Some(Judged {
                findings: findings.collect(),
                ..Judged::default()
            }),
            ..Figures::default()
        }),
        ..domain(site, vec![collector(site, "c", vec![chain])])
    }
}

#[test]
fn each_order_has_its_first_reason_and_ties_go_by_name() {
    let domains = || {
        vec![
            scored("calm", [0, 0], 99, 7),
            scored("high", [0, 9], 10, 9),
            scored("twin-b", [1, 0], 50, 3),
            scored("twin-a", [1, 0], 50, 3),
            scored("worst", [1, 1], 20, 1),
            scored("fuller", [0, 9], 11, 2),
        ]
    };
    for (by, expected) in [
        (
            By::Findings,
            ["worst", "twin-a", "twin-b", "fuller", "high", "calm"],
        ),
        (
            By::Fill,
            ["calm", "twin-a", "twin-b", "worst", "fuller", "high"],
        ),
        (
            By::Volumes,
            ["high", "calm", "twin-a", "twin-b", "fuller", "worst"],
        ),
        (
            By::Stale,
            ["calm", "fuller", "high", "twin-a", "twin-b", "worst"],
        ),
    ] {
        let fleet = look(domains(), by);
        assert_eq!(names(&fleet), expected, "{by:?}");
        let mut reversed = domains();
        reversed.reverse();
        assert_eq!(names(&look(reversed, by)), expected, "{by:?}");
    }
}

#[test]
fn the_fullest_pool_is_the_one_with_the_largest_share_and_not_the_largest() {
    let mut domain = scored("one", [0, 0], 90, 1);
    let figures = domain.figures.as_mut().unwrap();
    let small = Pool {
        name: "small".to_owned(),
        space: Some((19, 20)),
    };
    let offline = Pool {
        name: "offline".to_owned(),
        space: None,
    };
    let held = figures.appliances.get_mut("nas").unwrap();
    held.pools.as_mut().unwrap().extend([small, offline]);
    let fleet = look(vec![domain], By::Fill);
    let held = fleet.sites[0].held.as_ref().unwrap();
    assert_eq!(held.fullest.as_ref().unwrap().pool, "small");
    assert_eq!((held.space.n_pools, held.space.n_unread), (2, 1));
}

#[test]
fn findings_stand_with_those_they_are_about_and_count_once_in_all() {
    let mut domain = sharing("acme");
    let (confirmed, candidate) = (Grade::Confirmed, Grade::Candidate);
    domain.figures.as_mut().unwrap().judged = Some(Judged {
        findings: vec![
            found(
                Place::Appliance("nas".to_owned()),
                Severity::High,
                confirmed,
            ),
            found(Place::Cluster("c2".to_owned()), Severity::Low, candidate),
            found(Place::Domain, Severity::Medium, confirmed),
        ],
        blind: vec![Place::Cluster("c1".to_owned()), Place::Domain],
        lowest: Some(("Capacity", 41)),
    });
    let fleet = look(vec![domain], By::Findings);
    assert!(!fleet.is_whole(), "a check was not evaluated");
    let count = |counts: &Counts, severity| {
        let count = counts.at(severity);
        (count.n, count.n_confirmed)
    };
    let of = |site: &str| {
        let mut sites = fleet.sites.iter();
        let site = sites.find(|held| held.site == site).unwrap();
        site.held.clone().unwrap()
    };
    let [one, two] = ["one", "two"].map(|site| of(site).findings.unwrap());
    assert_eq!(count(&one, Severity::High), (1, 1));
    assert_eq!(
        count(&two, Severity::High),
        (1, 1),
        "the appliance is shared"
    );
    assert_eq!((one.all().n, two.all().n), (1, 2));
    assert_eq!(count(&two, Severity::Low), (1, 0));
    assert_eq!((of("one").n_blind, of("two").n_blind), (1, 0));
    let all = fleet.totals.findings.as_ref().unwrap();
    assert_eq!((all.all().n, all.all().n_confirmed), (3, 2));
    assert_eq!(fleet.totals.n_blind, 2);
}

#[test]
fn a_domain_that_failed_costs_its_own_figures_and_no_other() {
    let mut failed = sharing("a");
    failed.figures = Err("cannot use the history in `a`".to_owned());
    let unread = Domain {
        figures: Err("cannot use the history in `z`".to_owned()),
        ..domain("z", Vec::new())
    };
    let fleet = look(vec![failed, sharing("b"), unread], By::Findings);
    assert!(!fleet.is_whole());
    let domains: Vec<_> = fleet
        .sites
        .iter()
        .map(|site| site.domain.as_str())
        .collect();
    assert_eq!(domains, ["b", "b", "a", "a"]);
    for site in &fleet.sites {
        assert_eq!(site.held.is_none(), site.domain == "a");
        assert_eq!(
            site.state,
            State::Fresh,
            "how fresh it is does not depend on it"
        );
    }
    let totals = &fleet.totals;
    assert_eq!(
        (totals.n_domains, totals.n_failed, totals.n_appliances),
        (3, 2, 1)
    );
    assert_eq!(totals.findings, None, "no check was run");
    assert_eq!(fleet.domains.len(), 3);
}
