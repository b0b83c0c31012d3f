use std::collections::BTreeSet;

use super::*;
use crate::estate::{EstateOptions, estate};

/// Replicas are a mode of the catalogue and no fault: nothing is to be said of them.
const INNOCENT: &str = "F19";

/// A written series of three days.
pub(super) fn series() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let options = EstateOptions {
        volumes: 28,
        snapshots: 60,
        days: 3,
        ..EstateOptions::default()
    };
    estate(&options).write_series(folder.path()).unwrap();
    folder
}

#[test]
fn modes_are_sorted_and_each_stands_once() {
    assert!(MODES.is_sorted_by(|left, right| left.id < right.id));
}

#[test]
fn every_mode_finds_room_in_a_small_estate_and_says_what_is_wrong() {
    let folder = series();
    let before = Scene::read(folder.path()).unwrap();
    for mode in MODES {
        let mut scene = Scene::read(folder.path()).unwrap();
        assert!((mode.plant)(&mut scene).is_some(), "{}", mode.id);
        if mode.id == INNOCENT {
            continue;
        }
        let subjects: BTreeSet<_> = scene.last().facts().iter().map(|fact| &fact.mode).collect();
        let known: BTreeSet<_> = before
            .last()
            .facts()
            .iter()
            .map(|fact| &fact.mode)
            .collect();
        assert!(
            subjects.iter().any(|subject| *subject == mode.id),
            "{}",
            mode.id
        );
        assert!(subjects.len() > known.len(), "{}", mode.id);
    }
}

#[test]
fn the_first_day_says_nothing_of_what_is_planted() {
    let folder = series();
    let mode = mode_of("F46").unwrap();
    let mut scene = Scene::read(folder.path()).unwrap();
    (mode.plant)(&mut scene).unwrap();
    let facts = |day: &Day| day.facts().iter().filter(|fact| fact.mode == "F46").count();
    let counts: Vec<usize> = scene.days().map(|day| facts(day)).collect();
    assert_eq!(counts, [0, 2, 2]);
}
