//! How far a site can be counted on.

use super::*;

#[test]
fn a_site_is_stale_when_the_last_of_its_runs_is_over_and_not_before() {
    for (age, n_missed, state) in [
        (0, 0, State::Fresh),
        (DAY, 0, State::Fresh),
        (DAY + 1, 1, State::Late),
        (3 * DAY, 2, State::Late),
        (3 * DAY + 1, 3, State::Stale),
        (40 * DAY, 39, State::Stale),
    ] {
        let site = collector("one", "c1", vec![chain("s", 10 * DAY)]);
        let fleet = at(vec![domain("acme", vec![site])], 10 * DAY + age, 3);
        let site = &fleet.sites[0];
        assert_eq!(
            (site.n_missed, site.state),
            (Some(n_missed), state),
            "{age}"
        );
        assert_eq!(site.age_secs, age);
        assert_eq!(fleet.silent().len(), usize::from(state == State::Stale));
    }
}

#[test]
fn ages_count_to_the_newest_bundle_of_all_sites_and_each_has_its_own_interval() {
    let mut weekly = chain("w", 4 * DAY);
    weekly.state.expected_every_secs = Some(7 * DAY);
    let domains = vec![
        domain(
            "a",
            vec![collector("daily", "c1", vec![chain("s", 4 * DAY)])],
        ),
        domain("b", vec![collector("weekly", "c2", vec![weekly])]),
        domain(
            "c",
            vec![collector("newest", "c3", vec![chain("t", 10 * DAY)])],
        ),
    ];
    let fleet = look(domains, By::Stale);
    assert_eq!(
        (fleet.now, fleet.now_of.as_deref()),
        (10 * DAY, Some("newest"))
    );
    let states: Vec<_> = fleet
        .sites
        .iter()
        .map(|site| (site.site.as_str(), site.state))
        .collect();
    assert_eq!(
        states,
        [
            ("daily", State::Stale),
            ("weekly", State::Fresh),
            ("newest", State::Fresh)
        ]
    );
    assert_eq!(fleet.totals.states[&State::Fresh], 2);
}

#[test]
fn a_site_without_a_schedule_is_neither_fresh_nor_stale() {
    let mut silent = chain("s", DAY);
    silent.state.expected_every_secs = None;
    let sites = vec![
        collector("late", "c1", vec![chain("l", 98 * DAY)]),
        collector("unknown", "c2", vec![silent]),
        collector("fresh", "c3", vec![chain("f", 100 * DAY)]),
    ];
    let fleet = at(vec![domain("acme", sites)], 100 * DAY, 2);
    let unknown = &fleet.sites[1];
    assert_eq!(names(&fleet), ["late", "unknown", "fresh"]);
    assert_eq!(
        (unknown.state, unknown.n_missed),
        (State::UnknownInterval, None)
    );
    assert_eq!(fleet.silent()[0].site, "unknown");
}

#[test]
fn the_newest_chain_speaks_and_a_run_on_demand_hides_no_silence() {
    let mut again = chain("new", 10 * DAY);
    again.state.restart = Some(truenas_common::bundle::PrevReason::StateLost);
    again.version = "0.2.0".to_owned();
    let site = collector("one", "c1", vec![chain("old", 3 * DAY), again]);
    let fleet = look(vec![domain("acme", vec![site])], By::Findings);
    assert_eq!(fleet.sites.len(), 1);
    assert_eq!(fleet.sites[0].chain.state.stream, "new");
    assert_eq!(fleet.sites[0].state, State::Fresh);
    let versions: Vec<_> = fleet
        .versions
        .iter()
        .map(|of| of.version.as_deref())
        .collect();
    assert_eq!(versions, [Some("0.2.0")]);

    let mut demand = chain("demand", 10 * DAY);
    demand.state.restart = Some(truenas_common::bundle::PrevReason::OnDemand);
    let site = collector("one", "c1", vec![chain("old", 3 * DAY), demand.clone()]);
    let fleet = look(vec![domain("acme", vec![site])], By::Findings);
    assert_eq!(fleet.sites[0].chain.state.stream, "old");
    assert_eq!(
        (fleet.sites[0].state, fleet.sites[0].n_missed),
        (State::Stale, Some(6))
    );

    let site = collector("one", "c1", vec![demand]);
    let fleet = at(vec![domain("acme", vec![site])], 11 * DAY, 2);
    assert_eq!(fleet.sites[0].state, State::UnknownInterval);
}

#[test]
fn a_contradiction_is_worse_than_a_broken_chain_and_that_is_worse_than_silence() {
    let mut forked = chain("f", DAY);
    forked.state.forks.push(2);
    let mut unlinked = chain("u", 10 * DAY);
    unlinked.state.broken.push(3);
    let sites = vec![
        collector("forked", "c1", vec![forked]),
        collector("unlinked", "c2", vec![unlinked]),
        collector("fine", "c3", vec![chain("s", 10 * DAY)]),
    ];
    let mut domain = domain("acme", sites);
    let fleet = look(vec![domain.clone()], By::Stale);
    let states: Vec<_> = fleet.sites.iter().map(|site| site.state).collect();
    assert_eq!(
        states,
        [State::BrokenChain, State::Fresh, State::BrokenChain]
    );
    assert_eq!(fleet.silent().len(), 1, "a broken chain may be silent too");
    domain.contradiction = Some(("one-000001".to_owned(), "two-000001".to_owned()));
    let fleet = look(vec![domain], By::Stale);
    assert!(
        fleet
            .sites
            .iter()
            .all(|site| site.state == State::KeyContradiction)
    );
    let mut sorted = State::ALL;
    sorted.sort();
    assert_eq!(sorted, State::ALL);
}
