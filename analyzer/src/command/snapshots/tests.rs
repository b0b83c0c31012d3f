use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use truenas_common::schema::Scope;
use truenas_common::tables;

use super::section::Cell;
use super::*;
use crate::analysis::Analysis;
use crate::checks::Finding;
use crate::config::Config;
use crate::history::{Estate, History};
use crate::settings::Settings;
use crate::tables::written::frame;

mod judged;
mod stored;

const DAY: i64 = DAY_SECS;
const NOW: i64 = 1_735_689_600;
const GIB: i64 = 1 << 30;
const NAS: [&str; 2] = ["nas-a", "nas-b"];
const CLUSTERS: [&str; 2] = ["c-1", "c-2"];

/// Two appliances and two clusters whose lists are complete; a claim of one name in each cluster, with volumes apart.
fn world() -> Estate {
    let text = include_str!("tests/world.json");
    let rows: BTreeMap<String, Vec<Json>> = serde_json::from_str(text).expect("tables of rows");
    let mut outcomes = BTreeMap::new();
    for table in tables::ALL {
        let scopes: &[&str] = match table.scope {
            Scope::Appliance => &NAS,
            Scope::Cluster => &CLUSTERS,
            Scope::Bundle | Scope::Run => &[],
        };
        for scope in scopes {
            let key = (table.name.to_owned(), (*scope).to_owned());
            outcomes.insert(key, "ok".to_owned());
        }
    }
    Estate {
        domain: "d".to_owned(),
        now: NOW,
        clusters: CLUSTERS.map(str::to_owned).to_vec(),
        appliances: NAS.map(str::to_owned).to_vec(),
        frames: rows
            .into_iter()
            .map(|(table, rows)| (table.clone(), frame(&table, &rows)))
            .collect(),
        outcomes,
        bundles: Vec::new(),
        pool_readings: Vec::new(),
    }
}

/// Changes one row of a table, found by the values of two of its columns.
fn with(mut estate: Estate, table: &str, of: [(&str, &str); 2], changes: &Json) -> Estate {
    let text = include_str!("tests/world.json");
    let mut rows: BTreeMap<String, Vec<Json>> = serde_json::from_str(text).expect("tables of rows");
    let rows = rows.get_mut(table).expect("a table of the world");
    let is_it = |row: &&mut Json| of.iter().all(|(column, value)| row[*column] == *value);
    let row = rows.iter_mut().find(is_it).expect("a row of the world");
    for (column, value) in changes.as_object().expect("columns") {
        row[column] = value.clone();
    }
    estate.frames.insert(table.to_owned(), frame(table, rows));
    estate
}

/// One section over an estate.
fn section(estate: &Estate, show: Show) -> Section {
    section_set(estate, show, &Settings::default())
}

/// The same with what a site decides.
fn section_set(estate: &Estate, show: Show, settings: &Settings) -> Section {
    let clocks = NAS.map(|appliance| {
        let clock = clock::Clock {
            read_at: NOW,
            is_overdue: false,
        };
        (appliance.to_owned(), clock)
    });
    let (datasets, holes) = read::datasets(estate, &Clocks::from(clocks));
    let sections = shown::sections(
        estate,
        &History::in_memory(),
        settings,
        &BTreeSet::from([show]),
        (&datasets, &holes),
    );
    let mut sections = sections.expect("views that can be made");
    assert_eq!(sections.len(), 1);
    let section = sections.remove(0);
    for row in &section.rows {
        assert_eq!(row.len(), section.columns.len());
    }
    section
}

/// Settings of an `analyzer.yaml`.
fn settings(text: &str) -> Settings {
    let checks = checks::built_in().expect("pages");
    let config = Config::parse(text).expect("a configuration");
    config.settings(&checks).expect("thresholds of ours")
}

/// What one check finds, with what a site decides.
fn findings(estate: &Estate, settings: &Settings, id: &str) -> Vec<Finding> {
    let mut checks = checks::built_in().expect("pages");
    checks.retain(|check| check.page.id == id);
    let analysis = Analysis::set(estate.clone(), checks, settings).expect("views");
    analysis.findings().cloned().collect()
}

/// Cells of these columns, row by row.
fn cells<const N: usize>(section: &Section, names: [&str; N]) -> Vec<[Cell; N]> {
    let index = |name: &str| {
        let mut columns = section.columns.iter();
        columns.position(|column| column.name == name).expect(name)
    };
    let indexes = names.map(index);
    let rows = section.rows.iter();
    rows.map(|row| indexes.map(|index| row[index].clone()))
        .collect()
}

fn total(section: &Section, name: &str) -> Cell {
    let mut totals = section.totals.iter();
    let total = totals.find(|total| total.name == name);
    total.expect(name).cell.clone()
}

fn text(text: &str) -> Cell {
    Cell::text(text)
}

/// The sections without these lists of these scopes say so, and have no row of them.
#[track_caller]
fn blinded(estate: &Estate, show: Show, table: &str, scope: &str, column: &str) {
    let whole = section(estate, show);
    assert!(whole.gaps.is_empty() && whole.is_whole(), "{table}");
    let has = |section: &Section| {
        let mut rows = cells(section, [column]).into_iter();
        rows.any(|[cell]| cell == text(scope))
    };
    assert!(has(&whole), "{table}: the estate has nothing of {scope}");
    let blind = estate.with_failed(table, scope).expect("columns");
    let section = section(&blind, show);
    assert!(!section.is_whole(), "{table} of {scope}");
    let gap = section.gaps.iter().find(|gap| gap.scope == scope);
    let gap = gap.expect("a gap of the scope");
    assert!(gap.reason.contains(table), "{}", gap.reason);
    assert!(!has(&section), "{table}: rows of {scope} are left");
    let text = list::summary(&section);
    assert!(text.contains("not evaluated"), "{text}");
}

#[test]
fn a_table_has_one_section_and_the_others_have_all() {
    let all = shown::shown(&[], Print::Json).unwrap();
    assert_eq!(all.len(), 7);
    let one = shown::shown(&[], Print::Csv).unwrap();
    assert_eq!(one, BTreeSet::from([Show::Reclaim]));
    let twice = [Show::Growth, Show::Growth];
    let one = shown::shown(&twice, Print::Csv).unwrap();
    assert_eq!(one, BTreeSet::from([Show::Growth]));
    let error = shown::shown(&[Show::Growth, Show::Creators], Print::Csv).unwrap_err();
    assert!(error.to_string().contains("one --show"), "{error}");
    let two = shown::shown(&[Show::Growth, Show::Creators], Print::Text).unwrap();
    assert_eq!(two.len(), 2);
}

#[test]
fn a_text_fits_a_terminal_but_for_its_names() {
    let estate = world();
    for show in [
        Show::Creators,
        Show::Growth,
        Show::Coverage,
        Show::Retention,
        Show::Operations,
        Show::RestorePoints,
    ] {
        let section = section(&estate, show);
        assert!(!section.rows.is_empty(), "{show:?} has no row");
        let text = list::text(&section);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{show:?}: {line}");
        }
        let summary = list::summary(&section);
        assert!(text.starts_with(&summary), "{text}");
        let csv = list::csv(&section);
        assert_eq!(csv.lines().count(), 1 + section.rows.len(), "{csv}");
        let json = list::json(&section);
        assert_eq!(json["rows"].as_array().unwrap().len(), section.rows.len());
        assert_eq!(
            json["totals"].as_object().unwrap().len(),
            section.totals.len()
        );
    }
}

#[test]
fn a_section_that_saw_nothing_has_no_total() {
    let mut estate = world();
    for scope in NAS {
        estate = estate.with_failed("zfs_snapshot", scope).expect("columns");
    }
    for show in [Show::Creators, Show::Growth, Show::Retention] {
        let section = section(&estate, show);
        assert!(section.rows.is_empty() && section.is_blind(), "{show:?}");
        assert!(list::json(&section)["totals"].is_null(), "{show:?}");
        let text = list::text(&section);
        assert_eq!(text.matches("not evaluated").count(), 2, "{text}");
    }
}
