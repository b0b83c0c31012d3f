//! The answer over estates whose bundles are written here, and the one truth that it shares with the check.

use std::collections::BTreeMap;

use super::*;
use crate::checks::{self, Case};

fn group(newest: Vec<Span>, before: Vec<Span>) -> Group {
    Group {
        key: Key {
            operation: Operation::Delete,
            cluster: "c".to_owned(),
            name: Some("org.democratic-csi.iscsi".to_owned()),
            driver: Some("org.democratic-csi.iscsi".to_owned()),
            source: "volume".to_owned(),
        },
        newest,
        before,
    }
}

fn answer(groups: Vec<Group>) -> Answer {
    Answer {
        at: 1_735_689_600,
        n_bundles: 30,
        window_secs: 604_800,
        baseline_secs: 2_419_200,
        by: None,
        rule: Rule {
            min_samples: 20,
            min_rise_percent: 50,
            min_rise_secs: 5,
            deviations: 2.576,
        },
        groups,
        rates: Vec::new(),
        unmeasured: Vec::new(),
        holes: Vec::new(),
    }
}

#[test]
fn few_operations_are_listed_and_have_no_percentile() {
    let newest = vec![Span::exact(3), Span::between(0, 420), Span::at_least(7_200)];
    let answer = answer(vec![group(newest, Vec::new())]);
    let text = text::text(&answer);
    for part in [
        "3 operations, 1 to the second, 1 within bounds, 1 running",
        "3 s, <= 7 min, >= 2 h",
        "not compared: 2 ended now and 0 before, of 20 each",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let json = table::json(&answer);
    let group = &json["operations"][0];
    assert!(
        group["median"].is_null() && group["p95"].is_null(),
        "{group}"
    );
    assert_eq!(group["values"].as_array().map(Vec::len), Some(3));
    assert!(group["longest"]["most_secs"].is_null());
}

#[test]
fn percentiles_within_bounds_are_no_single_number() {
    let newest = vec![Span::between(0, 86_400); 20];
    let answer = answer(vec![group(newest, vec![Span::between(0, 3_600); 20])]);
    let text = text::text(&answer);
    assert!(text.contains("<= 24 h"), "{text}");
    assert!(
        text.contains("not slower: median before <= 60 min of 20; 50 % of pairs slower, p 1.0000"),
        "{text}"
    );
    let json = table::json(&answer);
    let group = &json["operations"][0];
    assert_eq!(
        group["median"],
        serde_json::json!({"least_secs": 0.0, "most_secs": 86_400.0})
    );
    assert!(group["values"].is_null());
}

#[test]
fn every_line_fits_a_terminal_and_every_csv_line_its_head() {
    let newest = (0..19)
        .map(|n| Span::between(n * 7_000, n * 90_000))
        .collect();
    let many: Vec<Span> = (0..40)
        .map(|n| Span::between(n * 7_001, n * 90_001))
        .collect();
    let mut answer = answer(vec![group(newest, many.clone()), group(many.clone(), many)]);
    answer.holes.push(Hole {
        operation: Some(Operation::Mount),
        cluster: "641dbf20-a39f-4c75-ae21-59316b7b5af3".to_owned(),
        table: "k8s_pod_volume".to_owned(),
        outcome: "timed-out".to_owned(),
    });
    answer.rates.push(Rate {
        cluster: "c".to_owned(),
        driver: "org.democratic-csi.iscsi".to_owned(),
        step: "unmount".to_owned(),
        n_failed: 123_456,
        n_tried: 1_234_567,
    });
    answer
        .unmeasured
        .push("641dbf20-a39f-4c75-ae21-59316b7b5af3".to_owned());
    let text = text::text(&answer);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let csv = table::csv(&answer);
    let widths: Vec<usize> = csv.lines().map(|line| line.matches(',').count()).collect();
    assert_eq!(widths.len(), 4);
    assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{csv}");
}

/// Operations of the newest window, and of the one before.
type Windows = (Vec<Span>, Vec<Span>);

/// Verdicts of the rule on the operations of one case of PRF-010, by operation, subject and source, where there are
/// enough of them.
fn slower(
    operations: &[Vec<crate::query::Value>],
    now: i64,
    rule: &Rule,
    windows: (i64, i64),
) -> Vec<(String, String, String)> {
    let mut groups: BTreeMap<(String, String, String), Windows> = BTreeMap::new();
    for row in operations {
        let text = |index: usize| row[index].as_text().unwrap_or_default().to_owned();
        let number = |index: usize| row[index].as_integer().unwrap();
        if text(2) == "copy" {
            continue;
        }
        let (newest, before) = groups.entry((text(0), text(1), text(2))).or_default();
        match now - number(3) {
            age if age < windows.0 => newest.push(Span::exact(number(4))),
            age if age < windows.0 + windows.1 => before.push(Span::exact(number(4))),
            _ => {}
        }
    }
    let found = groups.into_iter().filter(|(_, (newest, before))| {
        change(newest, before, rule).is_ok_and(|change| change.is_slower)
    });
    found.map(|(key, _)| key).collect()
}

#[test]
fn cases_of_the_check_have_the_same_verdicts_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("checks/performance/prf-010-slower-than-before");
    let all = checks::built_in().unwrap();
    let check = all.iter().find(|check| check.page.id == "PRF-010").unwrap();
    let cases: Vec<Case> = checks::read_cases(&folder).unwrap();
    let mut n_found = 0;
    for case in &cases {
        let content: toml::Table = case.text.parse().unwrap();
        if content.contains_key("complete") || content.contains_key("collect_status") {
            // What a list with a hole means, and clocks, are no matter of the statistics.
            continue;
        }
        let threshold = |name: &str| {
            let set = content.get("params").and_then(|params| params.get(name));
            let set =
                set.and_then(|value| value.as_float().or(value.as_integer().map(|n| n as f64)));
            set.unwrap_or_else(|| {
                check.page.thresholds[name]
                    .default
                    .to_string()
                    .parse()
                    .unwrap()
            })
        };
        let rule = Rule {
            min_samples: threshold("min_samples") as usize,
            min_rise_percent: threshold("min_rise_percent") as i64,
            min_rise_secs: threshold("min_rise_secs") as i64,
            deviations: threshold("deviations"),
        };
        let windows = (
            threshold("window_secs") as i64,
            threshold("baseline_secs") as i64,
        );
        let now = content
            .get("now")
            .and_then(toml::Value::as_integer)
            .unwrap_or(1_735_689_600);
        let session =
            checks::case_session(case, checks::built_in_views(), &["timed_operation"]).unwrap();
        let sql = "SELECT t.operation AS operation, t.subject AS subject, t.source AS source, t.ended_at AS ended_at,
                          t.lasted_secs AS lasted_secs FROM timed_operation AS t";
        let frame = session
            .run(
                sql,
                &crate::query::Params::new(),
                &crate::query::Limits::default(),
            )
            .unwrap();
        let found = slower(&crate::query::value::rows(&frame), now, &rule, windows);
        let expects = content.get("expect").and_then(toml::Value::as_array);
        let n_expected = expects.map_or(0, Vec::len);
        assert_eq!(found.len(), n_expected, "{}: {found:?}", case.name);
        for expect in expects.into_iter().flatten() {
            let subject = expect["subject"].as_str().unwrap();
            assert!(
                found.iter().any(|(_, of, _)| of == subject),
                "{}: {subject}",
                case.name
            );
        }
        n_found += n_expected;
    }
    assert!(n_found >= 4, "{n_found}");
}
