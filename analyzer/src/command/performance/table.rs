//! The answer for machines: seconds as they are, bounds as two numbers, what is not known as absent.

use serde_json::{Value as Json, json};
use truenas_common::time::Time;

use super::{Answer, Compared, Group, Hole, kind, word};
use crate::command::csv_line;
use crate::duration::{Bounds, Knowledge, Span};

pub(super) fn json(answer: &Answer) -> Json {
    let rates = answer.rates.iter().map(|rate| {
        let (low, high) = rate.interval().unzip();
        json!({
            "cluster": rate.cluster,
            "driver": rate.driver,
            "step": rate.step,
            "n_failed": rate.n_failed,
            "n_tried": rate.n_tried,
            "least_share": low,
            "most_share": high,
        })
    });
    json!({
        "at": Time::from_unix_secs(answer.at).to_string(),
        "n_bundles": answer.n_bundles,
        "window_secs": answer.window_secs,
        "baseline_secs": answer.baseline_secs,
        "operations": answer.groups.iter().map(|group| group_json(answer, group)).collect::<Vec<_>>(),
        "failures": rates.collect::<Vec<_>>(),
        "failures_not_collected": answer.unmeasured,
        "not_evaluated": answer.holes.iter().map(hole_json).collect::<Vec<_>>(),
    })
}

fn hole_json(hole: &Hole) -> Json {
    json!({
        "operation": hole.operation.map(word),
        "cluster": hole.cluster,
        "table": hole.table,
        "outcome": hole.outcome,
    })
}

fn group_json(answer: &Answer, group: &Group) -> Json {
    let key = &group.key;
    let (median, p90, p95) = match group.percentiles() {
        Some([median, p90, p95]) => (Some(median), Some(p90), Some(p95)),
        None => (None, None, None),
    };
    // Few operations are listed; of many the figures are enough.
    let values = group
        .percentiles()
        .is_none()
        .then(|| group.newest.iter().map(span_json).collect::<Vec<_>>());
    json!({
        "operation": word(key.operation),
        "by": kind(key.operation, answer.by),
        "name": key.name,
        "cluster": key.cluster,
        "driver": key.driver,
        "source": key.source,
        "n": group.newest.len(),
        "n_exact": group.count(Knowledge::Exact),
        "n_within_bounds": group.count(Knowledge::Within),
        "n_running": group.count(Knowledge::Running),
        "median": median.map(bounds_json),
        "p90": p90.map(bounds_json),
        "p95": p95.map(bounds_json),
        "longest": group.longest().map(bounds_json),
        "values": values,
        "comparison": compared_json(answer, group),
    })
}

fn compared_json(answer: &Answer, group: &Group) -> Json {
    match group.compared(&answer.rule) {
        Compared::Copies => json!({"n_before": group.before.len(), "not_compared": "copies"}),
        Compared::TooFew(newest, before) => json!({
            "n_ended": newest,
            "n_before": before,
            "n_needed": answer.rule.min_samples,
            "not_compared": "too few",
        }),
        Compared::Change(change) => json!({
            "n_before": group.before.len(),
            "median": bounds_json(change.newer),
            "median_before": bounds_json(change.earlier),
            "slower_share": change.comparison.slower_share,
            "p": change.comparison.p,
            "method": super::text::method(change.comparison.method),
            "is_slower": change.is_slower,
        }),
    }
}

fn bounds_json(bounds: Bounds) -> Json {
    json!({"least_secs": bounds.least_secs, "most_secs": bounds.most_secs})
}

fn span_json(span: &Span) -> Json {
    json!({"least_secs": span.least_secs(), "most_secs": span.most_secs()})
}

/// A line for each group. What has no number is empty.
pub(super) fn csv(answer: &Answer) -> String {
    let head = [
        "operation",
        "by",
        "name",
        "cluster",
        "driver",
        "source",
        "n",
        "n_exact",
        "n_within_bounds",
        "n_running",
        "least_median_secs",
        "most_median_secs",
        "least_p90_secs",
        "most_p90_secs",
        "least_p95_secs",
        "most_p95_secs",
        "least_longest_secs",
        "most_longest_secs",
        "n_before",
        "least_median_before_secs",
        "most_median_before_secs",
        "p",
        "is_slower",
        "not_evaluated",
    ];
    let mut text = csv_line(&head.map(str::to_owned));
    for group in &answer.groups {
        text += &csv_line(&group_cells(answer, group));
    }
    for hole in &answer.holes {
        let mut cells = vec![String::new(); head.len()];
        cells[0] = hole.operation.map_or("failures", word).to_owned();
        cells[3].clone_from(&hole.cluster);
        cells[head.len() - 1] = format!("{}: {}", hole.table, hole.outcome);
        text += &csv_line(&cells);
    }
    text
}

fn group_cells(answer: &Answer, group: &Group) -> Vec<String> {
    let key = &group.key;
    let mut cells = vec![
        word(key.operation).to_owned(),
        kind(key.operation, answer.by).to_owned(),
        key.name.clone().unwrap_or_default(),
        key.cluster.clone(),
        key.driver.clone().unwrap_or_default(),
        key.source.clone(),
        group.newest.len().to_string(),
    ];
    let all = [Knowledge::Exact, Knowledge::Within, Knowledge::Running];
    cells.extend(all.map(|knowledge| group.count(knowledge).to_string()));
    let percentiles = group.percentiles().map_or([None; 3], |of| of.map(Some));
    for bounds in percentiles.into_iter().chain([group.longest()]) {
        cells.extend(pair(bounds));
    }
    cells.push(group.before.len().to_string());
    match group.compared(&answer.rule) {
        Compared::Change(change) => {
            cells.extend(pair(Some(change.earlier)));
            cells.push(change.comparison.p.to_string());
            cells.push(change.is_slower.to_string());
        }
        Compared::TooFew(..) | Compared::Copies => cells.extend([const { String::new() }; 4]),
    }
    cells.push(String::new());
    cells
}

fn pair(bounds: Option<Bounds>) -> [String; 2] {
    let number = |secs: Option<f64>| secs.map(|secs| secs.to_string()).unwrap_or_default();
    [
        number(bounds.map(|bounds| bounds.least_secs)),
        number(bounds.and_then(|bounds| bounds.most_secs)),
    ]
}
