//! What is kept of a series of bundles, and what the servers were asked for.

use truenas_common::exit::Exit;

use crate::stage::{Stage, tree};

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

    let methods: Vec<&str> = truenas_collector::source::truenas::Method::ALL
        .iter()
        .map(|method| method.name())
        .collect();
    for request in stage.simulation.requests() {
        assert!(
            request.method == "GET"
                || request.method == "auth.login_ex"
                || methods.contains(&request.method.as_str()),
            "{}",
            request.method
        );
    }
}
