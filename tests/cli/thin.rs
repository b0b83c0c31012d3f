//! What thin volumes promise, over the sample bundles.

use std::fs;

use super::Sample;

/// Thresholds at which checks say everything that they know of thin volumes.
const EVERYTHING: &str = "\
thresholds:
  CAP-003: {warn_percent: 0}
  CAP-004: {max_unbacked_percent: 0}
  CAP-011: {min_bytes: 0, min_percent: 0}
  CAP-014: {min_unused_percent: 0, min_live_percent: 0}
";

#[test]
fn thin_volumes_have_the_figures_of_the_checks_and_the_views() {
    let sample = Sample::new();
    let answer = sample.json(&["thin", "--format", "json"]);
    assert_eq!(answer["not_evaluated"].as_array().unwrap().len(), 0);
    let list = |name: &str| answer[name].as_array().unwrap();
    // Both count blocks, one of them in floating point: a byte a volume may lie between.
    let is_near = |ours: &serde_json::Value, theirs: &serde_json::Value, n: i64| {
        let pair = ours.as_i64().zip(theirs.as_i64());
        pair.map_or(ours == theirs, |(a, b)| (a - b).abs() <= n)
    };

    let sql = "SELECT p.path AS path, p.promised_bytes AS promised_bytes, p.worst_bytes AS worst_bytes, \
               p.unbacked_bytes AS unbacked_bytes FROM promise AS p";
    let promises = sample.json(&["query", sql, "--format", "json"]);
    let promises = promises.as_array().unwrap();
    assert!(promises.len() > 10);
    assert_eq!(promises.len(), list("volumes").len());
    for promise in promises {
        let mut volumes = list("volumes").iter();
        let volume = volumes.find(|volume| volume["dataset"] == promise["path"]);
        let volume = volume.unwrap_or_else(|| panic!("{promise}"));
        for name in ["promised_bytes", "worst_bytes", "unbacked_bytes"] {
            assert!(
                is_near(&volume[name], &promise[name], 1),
                "{volume}{promise}"
            );
        }
    }

    let config = sample.path("analyzer.yaml");
    fs::write(&config, EVERYTHING).unwrap();
    let check = sample.json(&["check", "--format", "json", "--config", &config]);
    let results = check["results"].as_array().unwrap();
    let findings = |id: &str| -> Vec<&serde_json::Value> {
        let findings = results
            .iter()
            .flat_map(|result| result["findings"].as_array().unwrap());
        findings.filter(|finding| finding["check"] == id).collect()
    };
    let of = |name: &str, key: &str, subject: &serde_json::Value| {
        let mut rows = list(name).iter();
        let row = rows.find(|row| row[key] == *subject);
        row.unwrap_or_else(|| panic!("no {subject} in {name}"))
            .clone()
    };
    for (id, names) in [
        (
            "CAP-003",
            &[
                "promised_bytes",
                "worst_bytes",
                "usable_bytes",
                "n_promises",
                "n_unlimited",
            ][..],
        ),
        (
            "CAP-004",
            &["unbacked_bytes", "available_bytes", "n_unread"],
        ),
    ] {
        assert!(!findings(id).is_empty(), "{id}");
        for finding in findings(id) {
            let pool = of("pools", "pool", &finding["subject"]);
            let n_volumes = pool["n_promises"].as_i64().unwrap();
            for name in names {
                let theirs = &finding["evidence"][*name];
                assert!(
                    is_near(&pool[*name], theirs, n_volumes),
                    "{name}: {pool}{finding}"
                );
            }
        }
    }
    assert!(!findings("CAP-011").is_empty());
    for finding in findings("CAP-011") {
        let evidence = &finding["evidence"];
        let volume = of("volumes", "dataset", &evidence["dataset"]);
        assert_eq!(volume["guest_bytes"], evidence["guest_bytes"]);
        let debt = &volume["trim_debt"];
        assert!(
            is_near(&debt["logical_bytes"], &evidence["debt_bytes"], 1),
            "{debt}{finding}"
        );
        assert!(
            is_near(&debt["trim_frees_bytes"], &finding["bytes"], 1),
            "{debt}{finding}"
        );
        let claims = volume["claims"].as_array().unwrap().iter();
        let mut names = claims.map(|claim| &claim["claim"]);
        assert!(names.any(|name| *name == evidence["claim"]), "{volume}");
    }
    for finding in findings("CAP-014") {
        if finding["bytes"].as_i64() > Some(0) {
            let row = of("reserved", "dataset", &finding["subject"]);
            assert_eq!(row["held_twice_bytes"], finding["bytes"]);
        }
    }
}

#[test]
fn thin_volumes_are_listed_in_every_form_and_pools_by_name() {
    let sample = Sample::new();
    let (code, text, errors) = sample.run(&["thin", "--top", "3"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    for expect in [
        "shortfall",
        "overcommit",
        "Volumes by unbacked promise, 3 of ",
    ] {
        assert!(text.contains(expect), "{expect}: {text}");
    }
    // Names are as long as they are; figures fit a terminal.
    for line in text.lines().filter(|line| !line.contains('/')) {
        assert!(line.chars().count() <= 80, "{line}");
    }

    let answer = sample.json(&["thin", "--format", "json"]);
    let pools = answer["pools"].as_array().unwrap();
    let volumes = answer["volumes"].as_array().unwrap();
    for pool in pools {
        assert_eq!(pool["state"], "evaluated", "{pool}");
        let ours = volumes
            .iter()
            .filter(|volume| volume["pool"] == pool["pool"]);
        for name in ["promised_bytes", "unbacked_bytes", "used_by_dataset_bytes"] {
            let bytes = ours.clone().map(|volume| volume[name].as_i64().unwrap());
            assert_eq!(bytes.sum::<i64>(), pool[name], "{name} of {pool}");
        }
        let saved = ours
            .clone()
            .map(|volume| volume["saved"]["bytes"].as_i64().unwrap());
        assert_eq!(saved.sum::<i64>(), pool["saved"]["bytes"]);
    }
    let unbacked = volumes
        .iter()
        .map(|volume| volume["unbacked_bytes"].as_i64());
    assert!(unbacked.rev().is_sorted());

    let name = pools[0]["pool"].as_str().unwrap();
    let one = sample.json(&["thin", "--pool", name, "--top", "1", "--format", "json"]);
    assert_eq!(one["pools"].as_array().unwrap().len(), 1);
    assert_eq!(one["volumes"].as_array().unwrap().len(), 1);
    assert_eq!(one["pools"][0], pools[0]);
    let (code, text, _) = sample.run(&["thin", "--format", "csv"]);
    assert_eq!(code, Some(0));
    let n_lines = |kind: &str| text.lines().filter(|line| line.starts_with(kind)).count();
    assert_eq!(
        (n_lines("pool,"), n_lines("volume,")),
        (pools.len(), volumes.len())
    );

    let (code, _, errors) = sample.run(&["thin", "--pool", "nowhere"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("the pools are: "), "{errors}");
    assert_eq!(sample.run(&["thin", "--top", "many"]).0, Some(2));
}
