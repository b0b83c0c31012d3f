//! How long operations lasted, over the sample bundles.

use serde_json::Value;

use super::Sample;

fn json(sample: &Sample, args: &[&str]) -> Value {
    let (code, text, errors) = sample.run(&[&["performance", "--format", "json"], args].concat());
    assert_eq!(code, Some(0), "{text}{errors}");
    serde_json::from_str(&text).unwrap()
}

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap()
}

#[test]
fn operations_are_those_of_the_views_and_counted_by_what_is_known() {
    let sample = Sample::new();
    let all = json(&sample, &["--window", "9999d", "--by", "class"]);
    let of = |word: &str| -> i64 {
        let groups = array(&all, "operations").iter();
        let ours = groups.filter(|group| group["operation"] == word);
        ours.map(|group| group["n_exact"].as_i64().unwrap()).sum()
    };
    for (word, view) in [
        ("provision", "provision_operation"),
        ("attach", "attach_operation"),
        ("snapshot", "snapshot_operation"),
    ] {
        let sql = format!("SELECT COUNT(*) AS n FROM {view} AS o");
        let counted = sample.json(&["query", &sql, "--format", "json"]);
        assert_eq!(counted[0]["n"], of(word), "{word}");
    }
    assert!(of("provision") > 0);
    for group in array(&all, "operations") {
        let known = ["n_exact", "n_within_bounds", "n_running"];
        let sum: i64 = known.iter().map(|name| group[name].as_i64().unwrap()).sum();
        assert_eq!(group["n"], sum, "{group}");
        let is_listed = group["n"].as_i64().unwrap() < 20;
        assert_eq!(group["values"].is_array(), is_listed, "{group}");
        assert_eq!(group["median"].is_null(), is_listed, "{group}");
    }
}

#[test]
fn what_bundles_alone_saw_lies_within_bounds() {
    let sample = Sample::new();
    let answer = json(&sample, &["--operation", "delete"]);
    let groups = array(&answer, "operations");
    let values: Vec<&Value> = groups
        .iter()
        .flat_map(|group| array(group, "values"))
        .collect();
    // One snapshot went between two bundles that are a day apart.
    assert!(!values.is_empty());
    for value in &values {
        let least = value["least_secs"].as_i64().unwrap();
        assert!(
            value["most_secs"].as_i64().is_none_or(|most| most > least),
            "{value}"
        );
    }
    assert!(groups.iter().all(|group| group["n_exact"] == 0));
    let (code, text, _) = sample.run(&["performance", "--operation", "delete"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("<= 24 h"), "{text}");
}

#[test]
fn list_with_a_hole_gives_no_figure_of_what_needs_it() {
    let sample = Sample::new();
    let at = ["performance", "--at", "2"];
    let (code, text, _) = sample.run(&at);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("Not evaluated: snapshot of"), "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("k8s_volume_snapshot: denied"), "{text}");
    assert!(!text.contains("snapshot by class"), "{text}");
    let (code, text, _) = sample.run(&[&at[..], &["--operation", "provision"]].concat());
    assert_eq!(code, Some(0), "{text}");
    let (code, text, _) = sample.run(&[&at[..], &["--format", "csv"]].concat());
    assert_eq!(code, Some(5));
    let holes = text
        .lines()
        .filter(|line| line.ends_with("k8s_volume_snapshot: denied"));
    assert_eq!(holes.count(), 1, "{text}");
}

#[test]
fn figures_fit_a_terminal_and_every_grouping_has_all_operations() {
    let sample = Sample::new();
    let n = |answer: &Value| -> i64 {
        let groups = array(answer, "operations").iter();
        let ours = groups.filter(|group| group["operation"] == "provision");
        ours.map(|group| group["n"].as_i64().unwrap()).sum()
    };
    let plain = n(&json(&sample, &[]));
    for by in ["class", "driver", "node"] {
        assert_eq!(n(&json(&sample, &["--by", by])), plain, "{by}");
        let (code, text, errors) = sample.run(&["performance", "--by", by, "--window", "365d"]);
        assert_eq!(code, Some(0), "{errors}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
    let (code, _, errors) = sample.run(&["performance", "--window", "soon"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("30d, 36h or 90m"), "{errors}");
}
