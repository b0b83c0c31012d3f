//! Space over time, over the sample bundles: three days, so sums and wiring, no dates.

use serde_json::Value;

use super::Sample;

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("no {name}: {value}"))
}

fn json(sample: &Sample, args: &[&str]) -> Value {
    let (code, text, errors) = sample.run(&[args, &["--format", "json"]].concat());
    assert_eq!(code, Some(0), "{text}{errors}");
    serde_json::from_str(&text).unwrap()
}

fn sum(lines: &[Value], name: &str) -> i64 {
    lines.iter().map(|line| line[name].as_i64().unwrap()).sum()
}

/// Lines of a text that hold nothing but our own words and numbers fit a terminal.
#[track_caller]
fn check_width(text: &str) {
    for line in text
        .lines()
        .filter(|line| !line.contains('/') && !line.contains(" of "))
    {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

/// Every line of a table has as many cells as its head; names of this sample have no comma.
#[track_caller]
fn check_table(text: &str, head: &str) {
    assert!(text.starts_with(head), "{text}");
    let n_cells = |line: &str| line.split(',').count();
    let n = n_cells(text.lines().next().unwrap());
    for line in text.lines() {
        assert_eq!(n_cells(line), n, "{line}");
    }
}

#[test]
fn volumes_hold_by_every_grouping_what_they_are_charged_for() {
    let sample = Sample::new();
    let config = sample.path("analyzer.yaml");
    std::fs::write(&config, "rate_card: {currency: EUR, per_gib_month: 1}\n").unwrap();
    let cost = json(&sample, &["cost", "--config", &config]);
    for (by, groups) in [("namespace", "namespaces"), ("class", "classes")] {
        let answer = json(&sample, &["capacity", "--by", by]);
        // A group whose volumes are all gone is charged for nothing.
        let lines: Vec<&Value> = array(&answer, "lines")
            .iter()
            .filter(|line| line["n_volumes"] != 0)
            .collect();
        let charged = array(&cost, groups);
        assert_eq!(lines.len(), charged.len(), "{by}");
        for group in charged {
            let line = lines.iter().find(|line| line["name"] == group["name"]);
            let line = line.unwrap_or_else(|| panic!("{group}"));
            assert_eq!(line["used_bytes"], group["used_bytes"], "{group}");
            assert_eq!(line["n_volumes"], group["n_volumes"], "{group}");
        }
    }
    let volumes = json(&sample, &["capacity", "--by", "volume"]);
    let volumes = array(&volumes, "lines");
    assert_eq!(volumes.len(), array(&cost, "volumes").len());
    assert_eq!(
        sum(volumes, "used_bytes"),
        sum(array(&cost, "namespaces"), "used_bytes")
    );
    let limited: Vec<&Value> = volumes
        .iter()
        .map(|line| &line["volume"]["limit"])
        .filter(|limit| !limit.is_null())
        .collect();
    for kind in ["refquota", "volsize"] {
        assert!(limited.iter().any(|limit| limit["kind"] == kind), "{kind}");
    }
    for limit in limited {
        let forecast = &limit["forecast"];
        let is_dated = !forecast["early"].is_null();
        assert!(!is_dated, "three readings carry no date: {limit}");
        assert!(forecast["state"] == "reached" || forecast["reason"].is_string());
    }
}

#[test]
fn growth_is_not_told_by_three_readings_and_the_change_is() {
    let sample = Sample::new();
    let answer = json(&sample, &["capacity", "--by", "namespace"]);
    let lines = array(&answer, "lines");
    assert!(!lines.is_empty());
    for line in lines {
        let growth = &line["growth"];
        if growth.is_null() {
            continue;
        }
        assert!(growth["slope_bytes_per_day"].is_null(), "{line}");
        assert_eq!(growth["reason"], "3 of 8 readings needed");
        let change =
            growth["last"]["bytes"].as_i64().unwrap() - growth["first"]["bytes"].as_i64().unwrap();
        assert_eq!(growth["change_bytes"], change);
    }
    let first = json(&sample, &["capacity", "--by", "namespace", "--at", "1"]);
    let reason = &array(&first, "lines")[0]["growth"]["reason"];
    assert_eq!(reason, "1 of 8 readings needed");
}

#[test]
fn texts_fit_a_terminal_and_tables_are_tables() {
    let sample = Sample::new();
    for by in ["pool", "namespace", "class", "volume"] {
        let (code, text, errors) = sample.run(&["capacity", "--by", by]);
        assert_eq!(code, Some(0), "{errors}");
        assert!(text.starts_with("Rests on 3 bundles"), "{text}");
        check_width(&text);
        let (_, table, _) = sample.run(&["capacity", "--by", by, "--format", "csv"]);
        let head = match by {
            "pool" => "appliance,pool,used_bytes,".to_owned(),
            by => format!("of,{by},n_volumes,n_not_read,used_bytes,"),
        };
        check_table(&table, &head);
    }
    let (_, few, _) = sample.run(&["capacity", "--by", "volume", "--top", "1"]);
    assert!(few.contains("more; `--top`"), "{few}");
    let (code, text, errors) = sample.run(&["analyze", "--trend", "30d"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("The history holds 2 d of the 30 d"), "{text}");
    check_width(&text);
    let (_, table, _) = sample.run(&["analyze", "--trend", "30d", "--format", "csv"]);
    check_table(&table, "kind,of,name,first_at,first,");
}

#[test]
fn datasets_and_the_rest_are_the_change_of_their_pool() {
    let sample = Sample::new();
    let answer = json(&sample, &["analyze", "--trend", "30d"]);
    let pools = array(&answer, "pools");
    assert!(pools.len() > 1);
    let mut n_parts = 0;
    for pool in pools {
        let attribution = &pool["attribution"];
        let parts = array(attribution, "datasets");
        n_parts += parts.len();
        for part in parts {
            let own = ["data_bytes", "snapshots_bytes", "reservation_bytes"];
            let own: i64 = own.iter().map(|name| part[name].as_i64().unwrap()).sum();
            assert_eq!(part["change_bytes"], own, "{part}");
        }
        let explained = sum(parts, "change_bytes") + attribution["rest_bytes"].as_i64().unwrap();
        assert_eq!(attribution["change_bytes"], explained, "{pool}");
        assert_eq!(pool["growth"]["change_bytes"], explained, "{pool}");
        assert_eq!(pool["n_readings"], 3);
        assert_eq!(array(pool, "gaps").len(), 0);
    }
    assert!(n_parts > 0, "nothing changed in three days");

    // Cut short, the others are one number and nothing is lost.
    let short = json(&sample, &["analyze", "--trend", "30d", "--top", "1"]);
    for (pool, whole) in array(&short, "pools").iter().zip(pools) {
        let attribution = &pool["attribution"];
        let shown = sum(array(attribution, "datasets"), "change_bytes")
            + attribution["other_datasets_bytes"].as_i64().unwrap()
            + attribution["rest_bytes"].as_i64().unwrap();
        assert_eq!(whole["attribution"]["change_bytes"], shown);
    }
    let day = json(&sample, &["analyze", "--trend", "24h"]);
    let n = &array(&day, "pools")[0]["n_readings"];
    assert_eq!(n, 2, "both ends of a day");
}

#[test]
fn a_reclaim_frees_what_snapshots_say_and_moves_nothing_else() {
    let sample = Sample::new();
    let plain = json(&sample, &["capacity"]);
    let after = json(
        &sample,
        &["capacity", "--after-reclaim", "--older-than", "1d"],
    );
    let cuts = json(&sample, &["snapshots", "--older-than", "1d"]);
    let mut freed_in_all = 0;
    for (pool, before) in array(&after, "pools").iter().zip(array(&plain, "pools")) {
        let of = |cut: &&Value| cut["pool"] == pool["pool"];
        let cut = array(&cuts, "pools").iter().find(of);
        let least = cut.map_or(0, |cut| cut["freed"][0]["least_bytes"].as_i64().unwrap());
        assert_eq!(pool["reclaim"]["least_bytes"], least, "{pool}");
        freed_in_all += least;
        for same in ["used_bytes", "size_bytes", "slope_bytes_per_day"] {
            assert_eq!(pool[same], before[same]);
        }
    }
    assert!(freed_in_all > 0);
    let (_, text, _) = sample.run(&["capacity", "--after-reclaim"]);
    assert!(
        text.contains("snapshots older than 30 d were gone"),
        "{text}"
    );
    assert!(text.contains("  reclaim   at least "), "{text}");
    check_width(&text);
}

#[test]
fn a_reclaim_frees_of_each_volume_what_its_dataset_is_credited() {
    let sample = Sample::new();
    let what_if = ["--after-reclaim", "--older-than", "1d"];
    let cuts = json(&sample, &["snapshots", "--older-than", "1d"]);
    let volumes = [&["capacity", "--by", "volume"][..], &what_if].concat();
    let volumes = json(&sample, &volumes);
    assert_eq!(volumes["what_if"]["reclaim_older_than_secs"], 86_400);
    let mut freed_in_all = 0;
    for line in array(&volumes, "lines") {
        let volume = &line["volume"];
        let of = |cut: &&Value| {
            cut["appliance"] == volume["appliance"] && cut["dataset"] == volume["dataset"]
        };
        let cut = array(&cuts, "datasets").iter().find(of);
        let least = cut.map_or(0, |cut| cut["cuts"][0]["least_bytes"].as_i64().unwrap());
        assert_eq!(line["reclaim"]["least_bytes"], least, "{line}");
        freed_in_all += least;
    }
    assert!(freed_in_all > 0);
    for by in ["namespace", "class"] {
        let groups = json(&sample, &[&["capacity", "--by", by][..], &what_if].concat());
        let of = |line: &Value| line["reclaim"]["least_bytes"].as_i64().unwrap();
        let sum: i64 = array(&groups, "lines").iter().map(of).sum();
        assert_eq!(sum, freed_in_all, "{by}");
    }
    let args = [&["capacity", "--by", "class"][..], &what_if].concat();
    let (code, text, errors) = sample.run(&args);
    assert_eq!(code, Some(0), "{errors}");
    assert!(
        text.contains("snapshots older than 1 d were gone"),
        "{text}"
    );
    assert!(text.contains("  reclaim   at least "), "{text}");
    check_width(&text);
    let (_, table, _) = sample.run(&[&args[..], &["--format", "csv"]].concat());
    check_table(&table, "of,class,");
    let head = table.lines().next().unwrap();
    assert!(head.ends_with(",freed_least_bytes,freed_reason"), "{head}");
}

#[test]
fn growth_at_another_pace_is_asked_of_volumes_too() {
    let sample = Sample::new();
    let (code, text, errors) = sample.run(&["capacity", "--by", "volume", "--growth", "-20"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains("What if: growth -20 %."), "{text}");
    check_width(&text);
}

#[test]
fn whose_a_change_is_says_capacity_as_analyze_does() {
    let sample = Sample::new();
    let plain = json(&sample, &["capacity"]);
    let analyzed = json(&sample, &["analyze", "--trend", "30d"]);
    let answer = json(&sample, &["capacity", "--trend", "30d"]);
    let pools = array(&answer, "pools").iter();
    let mut n_claims = 0;
    for (pool, other) in pools.zip(array(&analyzed, "pools")) {
        let [change] = array(pool, "changes") else {
            panic!("one window was asked for: {pool}")
        };
        assert_eq!(change["attribution"], other["attribution"]);
        assert_eq!(change["from"], other["growth"]["first"]["at"]);
        let parts = array(&change["attribution"], "datasets").iter();
        n_claims += parts.map(|part| array(part, "claims").len()).sum::<usize>();
    }
    assert!(n_claims > 0, "no dataset that changed has a claim");
    // Three readings are not enough to call anything abnormal.
    for pool in array(&plain, "pools") {
        assert!(array(pool, "changes").is_empty(), "{pool}");
    }
    let (code, text, errors) = sample.run(&["capacity", "--trend", "30d"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains("\n  rest\n"), "{text}");
    check_width(&text);
}

#[test]
fn questions_that_do_not_fit_together_are_usage_errors() {
    let sample = Sample::new();
    for (args, expect) in [
        (
            &["capacity", "--by", "class", "--add", "1TiB"][..],
            "what a group of volumes may hold stays as it is; leave `--by` away",
        ),
        (
            &["capacity", "--by", "volume", "--trend", "2d"],
            "leave `--by` away",
        ),
        (&["capacity", "--by", "claim"], "possible values"),
        (&["capacity", "--older-than", "3d"], "--after-reclaim"),
        (&["analyze"], "--trend"),
        (&["analyze", "--trend", "30"], "write an age like 30d"),
    ] {
        let (code, _, errors) = sample.run(args);
        assert_eq!(code, Some(2), "{args:?}: {errors}");
        assert!(errors.contains(expect), "{args:?}: {errors}");
    }
}
