//! What is kept of a series of bundles, and what the servers were asked for.

use testkit::estate::EstateOptions;
use testkit::world::Side;
use truenas_collector::source::{K8sList, K8sObject, Method};
use truenas_common::exit::Exit;

use crate::stage::{Stage, tree};

#[test]
fn a_month_of_bundles_in_any_order_gives_the_same_bytes() {
    let days = 34; // closed files cover blocks of 32
    let options = EstateOptions {
        seed: 8,
        volumes: 6,
        snapshots: 12,
        days,
        churn: 0.2,
        ..EstateOptions::default()
    };
    let stage = Stage::with_estate(&options, |_, _| {});
    for _ in 0..days {
        assert_eq!(stage.collect("out", &stage.simulation.now()), Exit::Ok);
        let _ = stage.simulation.next();
    }
    let bundles = stage.bundles("out");
    assert_eq!(bundles.len(), days);
    assert_eq!(stage.ingest(&bundles, "at-once"), Exit::Ok);
    let expected = tree(&stage.path("at-once"));
    let is_closed = |name: &String| name.contains("/closed-1-32-");
    assert!(expected.keys().any(is_closed), "{:?}", expected.keys());
    for (name, step) in [("by-sevens", 7), ("by-thirteens", 13)] {
        // Steps that share no factor with the number of bundles visit each of them once.
        let order = (0..days).map(|number| number * step % days);
        let mut half: Vec<_> = order.map(|index| bundles[index].clone()).collect();
        let rest = half.split_off(days / 2);
        for bundle in &half {
            assert_eq!(stage.ingest(std::slice::from_ref(bundle), name), Exit::Ok);
        }
        assert_eq!(stage.ingest(&rest, name), Exit::Ok);
        assert!(
            tree(&stage.path(name)) == expected,
            "{name} gives another history"
        );
    }
}

#[test]
fn any_order_of_ingest_gives_the_same_history_and_requests_are_reads() {
    let stage = Stage::new(6);
    for day in 0..6 {
        assert_eq!(stage.collect("out", &stage.simulation.now()), Exit::Ok);
        assert_eq!(stage.simulation.next(), day < 5);
    }
    let bundles = stage.bundles("out");
    assert_eq!(bundles.len(), 6);
    assert_eq!(stage.ingest(&bundles, "all"), Exit::Ok);
    for order in [[5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3], [3, 5, 0, 4, 2, 1]] {
        let name = format!("{order:?}").replace([' ', ',', '[', ']'], "");
        for index in order {
            assert_eq!(stage.ingest(&bundles[index..=index], &name), Exit::Ok);
        }
        assert!(
            tree(&stage.path("all")) == tree(&stage.path(&name)),
            "order {name} gives another history"
        );
    }
    let before = tree(&stage.path("all"));
    assert_eq!(stage.ingest(&bundles, "all"), Exit::Ok);
    assert!(
        tree(&stage.path("all")) == before,
        "ingesting twice changes the history"
    );

    let lists = K8sList::ALL.iter().map(|list| list.path());
    let objects = K8sObject::ALL.iter().map(|object| object.path());
    let paths: Vec<&str> = lists
        .chain(objects)
        .chain(["/api/versions", "/api/current"])
        .collect();
    for request in stage.simulation.requests() {
        let path = request.detail.split('?').next().unwrap_or_default();
        let is_read = match request.method.as_str() {
            "GET" if request.source == Side::Thanos => path == "/api/v1/query",
            "GET" => paths.contains(&path),
            "auth.login_ex" => true,
            method => Method::ALL.iter().any(|known| known.name() == method),
        };
        assert!(is_read, "{request:?}");
    }
}
