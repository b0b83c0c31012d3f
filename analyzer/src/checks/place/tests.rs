//! Objects, the places that they are in, and the thresholds that are in force there.

use super::*;
use crate::checks::{Completeness, Grade, Severity, TableState};
use crate::query::{Catalog, CatalogColumn, ColumnKind};
use polars::prelude::df;

const PAGE: &str = "---\nid: CAP-900\ntitle: Large\nseverity: low\nscope: appliance\nneeds: [zfs_dataset]\n\
    since: \"1\"\nthresholds:\n  limit_bytes: {default: 100, unit: bytes, authority: ours}\n---\n\
    ## What\n\nx\n\n## Why\n\nx\n\n## Fix\n\nx\n";
const SQL: &str = "SELECT d.path AS subject, 'zfs_dataset' AS subject_table, d.appliance AS appliance \
    FROM zfs_dataset AS d WHERE d.volsize_bytes >= :limit_bytes";

fn text(name: &str) -> CatalogColumn {
    CatalogColumn::token(name)
}

fn session() -> Session {
    let mut session = Session::new(Catalog::default());
    let mut put = |name: &str, frame: polars::prelude::DataFrame, columns| {
        session
            .register(name, frame, columns)
            .expect("a valid table");
    };
    put(
        "zfs_dataset",
        df!("appliance" => ["n"; 4], "path" => ["p/a", "p/b", "q/a", "q/b"], "pool" => ["p", "p", "q", "q"],
            "volsize_bytes" => [50i64, 150, 50, 150])
        .unwrap(),
        vec![
            text("appliance"),
            text("path"),
            text("pool"),
            CatalogColumn::plain("volsize_bytes", ColumnKind::Integer),
        ],
    );
    put(
        "volume_join",
        df!("cluster" => ["c"; 4], "name" => ["pv", "torn", "torn", "whole"], "appliance" => ["n"; 4],
            "path" => ["q/b", "p/a", "q/a", "q/a"])
        .unwrap(),
        ["cluster", "name", "appliance", "path"].map(text).to_vec(),
    );
    put(
        "k8s_pv",
        df!("cluster" => ["c"; 3], "name" => ["pv", "torn", "whole"], "storage_class" => ["fast", "slow", "fast"])
            .unwrap(),
        ["cluster", "name", "storage_class"].map(text).to_vec(),
    );
    put(
        "k8s_pvc",
        df!("cluster" => ["c"], "namespace" => ["ns"], "name" => ["x"], "volume_name" => ["pv"],
            "storage_class" => ["fast"])
        .unwrap(),
        [
            "cluster",
            "namespace",
            "name",
            "volume_name",
            "storage_class",
        ]
        .map(text)
        .to_vec(),
    );
    put(
        "k8s_volume_snapshot",
        df!("cluster" => ["c"; 2], "namespace" => ["ns"; 2], "name" => ["s", "left"], "source_claim" => [Some("x"), None])
            .unwrap(),
        ["cluster", "namespace", "name", "source_claim"].map(text).to_vec(),
    );
    session
}

/// Subjects found with a limit for every place, and the state.
fn found(limits: &[(Option<Place>, i64)]) -> (State, Vec<String>) {
    let check = Check::parse("capacity/cap-900-large", PAGE, SQL).unwrap();
    let set = |limit: i64| {
        let values = Values::from([("limit_bytes".to_owned(), ParamValue::Integer(limit))]);
        Overrides::from([("CAP-900".to_owned(), values)])
    };
    let (mut thresholds, mut placed) = (Overrides::new(), BTreeMap::new());
    for (place, limit) in limits {
        match place {
            None => thresholds = set(*limit),
            Some(place) => drop(placed.insert(place.clone(), set(*limit))),
        }
    }
    let session = session();
    let completeness = Completeness {
        states: [(
            ("zfs_dataset".to_owned(), "n".to_owned()),
            TableState::Complete,
        )]
        .into(),
        appliances: vec!["n".to_owned()],
        clusters: Vec::new(),
    };
    let input = RunInput::sample(&session, &completeness, &thresholds);
    let places = Places::find(&session).unwrap();
    let results = run_placed(&[check], &input, &placed, &places);
    assert_eq!(results.len(), 1);
    let findings = results[0].findings.iter();
    (
        results[0].state.clone(),
        findings.map(|finding| finding.subject.clone()).collect(),
    )
}

fn pool(name: &str) -> Option<Place> {
    Some(Place::Pool(name.to_owned()))
}

#[test]
fn a_pool_has_its_own_limit_and_others_keep_theirs() {
    assert_eq!(found(&[]).1, ["p/b", "q/b"]);
    assert_eq!(found(&[(pool("p"), 40)]).1, ["p/a", "p/b", "q/b"]);
    assert_eq!(found(&[(pool("p"), 1000)]).1, ["q/b"]);
    assert_eq!(found(&[(None, 40), (pool("p"), 1000)]).1, ["q/a", "q/b"]);
}

#[test]
fn a_class_counts_more_than_a_pool() {
    let class = Some(Place::Class("fast".to_owned()));
    assert_eq!(
        found(&[(pool("q"), 1000), (class.clone(), 100)]).1,
        ["p/b", "q/b"]
    );
    assert_eq!(found(&[(pool("q"), 40), (class, 1000)]).1, ["p/b", "q/a"]);
}

/// Pool and class of an object that a check of a scope found.
fn place_of(
    subject_table: &str,
    scope: &str,
    subject: &str,
    evidence: &[(&str, &str)],
) -> [Option<String>; 2] {
    let finding = Finding {
        check_id: "CAP-900".to_owned(),
        scope: scope.to_owned(),
        subject_table: subject_table.to_owned(),
        subject: subject.to_owned(),
        grade: Grade::Confirmed,
        severity: Severity::Low,
        effective_severity: Severity::Low,
        bytes: None,
        points: None,
        evidence: evidence
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned())))
            .collect(),
        fingerprint: String::new(),
    };
    let places = Places::find(&session()).unwrap().of(&finding);
    places.map(|place| {
        place.map(|place| match place {
            Place::Pool(name) | Place::Class(name) => name,
        })
    })
}

fn both(pool: &str, class: &str) -> [Option<String>; 2] {
    [Some(pool.to_owned()), Some(class.to_owned())]
}

#[test]
fn a_volume_is_found_by_its_cluster_whatever_the_scope_of_the_check() {
    let of_appliance = place_of("k8s_pv", "n", "pv", &[("cluster", "c")]);
    assert_eq!(of_appliance, both("q", "fast"));
    assert_eq!(place_of("k8s_pv", "c", "pv", &[]), both("q", "fast"));
    let other = place_of("k8s_pv", "n", "pv", &[("cluster", "d")]);
    assert_eq!(other, [None, None]);
}

#[test]
fn a_claim_is_found_by_its_namespace_in_front_or_in_the_evidence() {
    let bare = place_of("k8s_pvc", "c", "x", &[("namespace", "ns")]);
    assert_eq!(bare, both("q", "fast"));
    assert_eq!(place_of("k8s_pvc", "c", "ns/x", &[]), both("q", "fast"));
    let other = place_of("k8s_pvc", "c", "x", &[("namespace", "other")]);
    assert_eq!(other, [None, None]);
}

#[test]
fn a_snapshot_is_where_its_claim_is() {
    let found = |subject| place_of("k8s_volume_snapshot", "c", subject, &[]);
    assert_eq!(found("ns/s"), both("q", "fast"));
    assert_eq!(found("ns/left"), [None, None]);
    assert_eq!(found("other/s"), [None, None]);
}

#[test]
fn an_object_that_nothing_found_has_the_values_of_its_place() {
    let set = |limit| {
        let values = Values::from([("limit".to_owned(), ParamValue::Integer(limit))]);
        Overrides::from([("CAP-900".to_owned(), values)])
    };
    let placed = BTreeMap::from([(Place::Pool("q".to_owned()), set(7))]);
    let places = Places::find(&session()).unwrap();
    let limit = |key| {
        let subject = Subject {
            table: "zfs_dataset",
            scope: "n",
            key,
        };
        let values = places.values_of("CAP-900", subject, &set(1), &placed);
        values["limit"].clone()
    };
    assert_eq!(limit("q/a"), ParamValue::Integer(7));
    assert_eq!(limit("p/a"), ParamValue::Integer(1));
}

#[test]
fn an_object_of_two_places_has_neither() {
    let torn = place_of("k8s_pv", "c", "torn", &[]);
    assert_eq!(torn, [None, Some("slow".to_owned())]);
    // Its two volumes have classes that differ.
    let shared = place_of("zfs_dataset", "n", "q/a", &[]);
    assert_eq!(shared, [Some("q".to_owned()), None]);
}

#[test]
fn a_check_whose_findings_all_lie_in_a_lenient_pool_passes() {
    let (state, found) = found(&[(pool("p"), 1000), (pool("q"), 1000)]);
    assert_eq!((state, found), (State::Pass, Vec::new()));
}

#[test]
fn places_with_one_set_of_values_need_one_run() {
    let set = |limit| {
        let values = Values::from([("x".to_owned(), ParamValue::Integer(limit))]);
        Overrides::from([("A".to_owned(), values)])
    };
    let placed = BTreeMap::from([
        (Place::Pool("a".to_owned()), set(1)),
        (Place::Pool("b".to_owned()), set(1)),
        (Place::Class("c".to_owned()), set(2)),
    ]);
    assert_eq!(variants("A", &Overrides::new(), &placed).len(), 3);
    assert_eq!(variants("B", &Overrides::new(), &placed).len(), 1);
}
