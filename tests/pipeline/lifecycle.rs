//! Findings over the bundles of a site: their age, what is remembered of them, and where the space went.

use std::collections::BTreeMap;
use std::fs;

use testkit::estate::Fault;
use truenas_analyzer::diff::bridge;
use truenas_analyzer::history::{Estate, History};
use truenas_analyzer::{bundles, identity, trust};
use truenas_common::bundle::Limits;
use truenas_common::exit::Exit;

use crate::stage::{SITE, Stage, analyzer, text};

const DAYS: usize = 5;

fn staged() -> Stage {
    let stage = Stage::with_faults(DAYS, Fault::demo());
    for _ in 0..DAYS {
        let exit = stage.collect("bundles", &stage.simulation.now());
        assert!(matches!(exit, Exit::Ok | Exit::Incomplete), "{exit:?}");
        let _ = stage.simulation.next();
    }
    stage
}

fn report(stage: &Stage, history: &str) -> serde_json::Value {
    let (history, output) = (text(stage.path(history)), text(stage.path("report.json")));
    let trust = text(stage.path("trust"));
    let exit = analyzer(&[
        "report",
        "--look-back",
        "30",
        "--history",
        &history,
        "--trust",
        &trust,
        "--format",
        "json",
        "--output",
        &output,
    ]);
    assert_eq!(exit, Exit::Ok);
    let report = fs::read_to_string(&output).unwrap();
    // The folder of the history stands in the command that makes the report again.
    let report = report.replace(&history, "HISTORY");
    serde_json::from_str(&report).unwrap()
}

/// Files of the cache of findings.
fn remembered(stage: &Stage, history: &str) -> Vec<std::path::PathBuf> {
    let folder = stage.path(history).join(SITE);
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).collect()
}

#[test]
fn ages_come_from_all_moments_and_the_cache_changes_nothing() {
    let stage = staged();
    let bundles = stage.bundles("bundles");
    assert_eq!(stage.ingest(&bundles, "history"), Exit::Ok);
    assert_eq!(remembered(&stage, "history").len(), 0);
    let cold = report(&stage, "history");
    let files = remembered(&stage, "history");
    assert_eq!(files.len(), 1);
    let bytes = fs::read(&files[0]).unwrap();
    assert_eq!(report(&stage, "history"), cold);
    assert_eq!(fs::read(&remembered(&stage, "history")[0]).unwrap(), bytes);

    // One that was remembered while bundles were missing, and that comes late.
    let (late, rest): (Vec<_>, Vec<_>) = bundles
        .iter()
        .cloned()
        .enumerate()
        .partition(|(at, _)| *at == 1);
    let paths = |numbered: Vec<(usize, std::path::PathBuf)>| {
        numbered
            .into_iter()
            .map(|(_, path)| path)
            .collect::<Vec<_>>()
    };
    stage.ingest(&paths(rest), "late");
    let _ = report(&stage, "late");
    assert_eq!(stage.ingest(&paths(late), "late"), Exit::Ok);
    assert_eq!(report(&stage, "late"), cold);

    let findings = cold["findings"].as_array().unwrap();
    let first: BTreeMap<i64, usize> =
        findings
            .iter()
            .fold(BTreeMap::new(), |mut counts, finding| {
                *counts
                    .entry(finding["first_seen"]["unix_s"].as_i64().unwrap())
                    .or_default() += 1;
                counts
            });
    assert!(first.len() > 1, "every finding has one age: {first:?}");
}

#[test]
fn the_bridge_of_every_pool_adds_up_between_any_two_moments() {
    let stage = staged();
    assert_eq!(stage.ingest(&stage.bundles("bundles"), "history"), Exit::Ok);
    let history = History::open(&stage.path("history")).unwrap();
    let times: Vec<i64> = history
        .bundles_of(SITE)
        .into_iter()
        .map(|(at, _)| at)
        .collect();
    let estates: Vec<Estate> = times
        .iter()
        .map(|at| Estate::at(&history, SITE, Some(*at)).unwrap())
        .collect();
    let mut n_steps = 0;
    for before in &estates {
        for after in &estates {
            let bridges = bridge::bridges(before, after);
            assert!(!bridges.is_empty());
            for bridge in bridges {
                assert!(bridge.reconciles(), "{bridge:?}");
                n_steps += bridge.steps.iter().filter(|bytes| **bytes != 0).count();
            }
        }
    }
    assert!(n_steps > DAYS, "nothing moved");
}

#[test]
fn evidence_leads_to_a_file_of_the_bundle_with_the_digest_of_its_manifest() {
    let stage = staged();
    let files_of_bundles = stage.bundles("bundles");
    assert_eq!(stage.ingest(&files_of_bundles, "history"), Exit::Ok);
    let report = report(&stage, "history");
    let files = report["appendix"]["provenance"]["files"]
        .as_array()
        .unwrap();
    let known: BTreeMap<(&str, &str), &str> = files
        .iter()
        .map(|file| {
            let text = |name: &str| file[name].as_str().unwrap();
            ((text("bundle"), text("file")), text("sha256"))
        })
        .collect();
    let mut n_rows = 0;
    for finding in report["findings"].as_array().unwrap() {
        for evidence in finding["evidence"].as_array().unwrap() {
            let source = &evidence["source"];
            let text = |name: &str| source[name].as_str().unwrap();
            assert_eq!(
                known.get(&(text("bundle"), text("file"))),
                Some(&text("sha256")),
                "{source}"
            );
            n_rows += 1;
        }
    }
    assert!(n_rows > 100, "{n_rows}");

    // The digests are those of the bundles, not only those of the report.
    let sites = trust::read(&stage.path("trust")).unwrap();
    let identity = identity::read(&stage.path("analyst/analyst.key"), None).unwrap();
    let limits = Limits::default();
    let mut real = BTreeMap::new();
    for path in &files_of_bundles {
        let sealed = bundles::load(path, &limits).unwrap();
        let opened = bundles::open(&sealed, &sites, std::slice::from_ref(&identity), &limits)
            .unwrap()
            .opened;
        for (file, sha256) in &opened.files {
            real.insert(
                (opened.info.bundle.clone(), file.to_string()),
                sha256.clone(),
            );
        }
    }
    for ((bundle, file), sha256) in known {
        let found = real.get(&(bundle.to_owned(), file.to_owned()));
        assert_eq!(found.map(String::as_str), Some(sha256), "{file}");
    }
}
