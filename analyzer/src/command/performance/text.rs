//! The answer for people, 80 columns wide.

use truenas_common::time::Time;

use super::words::{Side, bounds, length, span, tenth, wrapped};
use super::{Answer, Compared, Group, Hole, Rate, kind, name_of, word};
use crate::cli::Operation;
use crate::command::counted;
use crate::duration::{Change, Knowledge, Method};
use crate::report::escape::visible;

const NOTE: &str = "
To the second: both ends are timestamps of objects that still exist. Within
bounds: seen at collections alone, so that `<=` and `..` are all that is known.
Running: begun and not ended, as `>=`. Percentiles are of type 7 and stand
between their bounds; fewer than 20 operations are listed and not judged. Mount
has attaching and pulling of images in it; resize waits for a pod. Resize and
delete are looked back at for 90 days.
";

pub(super) fn text(answer: &Answer) -> String {
    let day = |at: i64| Time::from_unix_secs(at).day();
    let mut text = format!(
        "Rests on {}, the newest of {}.\nThe newest window is {} long, the one before it {}.\n",
        counted(answer.n_bundles, "bundle", "bundles"),
        day(answer.at),
        length(answer.window_secs),
        length(answer.baseline_secs)
    );
    for hole in &answer.holes {
        text += &hole_line(hole);
    }
    let mut operation = None;
    for group in &answer.groups {
        if operation != Some(group.key.operation) {
            operation = Some(group.key.operation);
            text += &head(answer, group.key.operation);
        }
        text += &group_lines(answer, group);
    }
    if answer.groups.is_empty() && answer.holes.is_empty() {
        text += "\nNo operation was seen in these windows.\n";
    }
    text += &rates(answer);
    if answer.groups.is_empty() {
        return text;
    }
    text + NOTE
}

fn hole_line(hole: &Hole) -> String {
    let line = format!(
        "Not evaluated: {} of {}: {}: {}",
        hole.operation.map_or("failures", word),
        visible(&hole.cluster),
        hole.table,
        visible(&hole.outcome)
    );
    wrapped("", &[line])
}

fn head(answer: &Answer, operation: Operation) -> String {
    let title = format!("\n{} by {}\n", word(operation), kind(operation, answer.by));
    let ours = |group: &&Group| group.key.operation == operation;
    let mut groups = answer.groups.iter().filter(ours);
    if groups.any(|group| group.percentiles().is_some()) {
        let [median, p90, p95] = ["median", "p90", "p95"];
        title + &format!("    {median:<19}{p90:<19}{p95:<19}longest\n")
    } else {
        title
    }
}

fn group_lines(answer: &Answer, group: &Group) -> String {
    let key = &group.key;
    let mut title = vec![name_of(key, answer.by)];
    if key.source != "volume" || key.operation == Operation::Delete {
        title.push(key.source.clone());
    }
    if kind(key.operation, answer.by) != "driver" {
        title.extend(key.driver.as_deref().map(visible));
    }
    let mut clusters: Vec<&str> = answer
        .groups
        .iter()
        .map(|group| &*group.key.cluster)
        .collect();
    clusters.dedup();
    if clusters.windows(2).any(|pair| pair[0] != pair[1]) {
        title.push(visible(&key.cluster));
    }
    let mut text = wrapped("", &[title.join(", ")]);
    text += &wrapped("    ", &counts(group));
    if let (Some(percentiles), Some(longest)) = (group.percentiles(), group.longest()) {
        let [median, p90, p95] = percentiles.map(bounds);
        text += &format!("    {median:<19}{p90:<19}{p95:<19}{}\n", bounds(longest));
    } else if !group.newest.is_empty() {
        text += &wrapped("    ", &listed(group));
    }
    text + &wrapped("    ", &[compared(answer, group)])
}

/// Every operation; those that read the same are told once, with their number.
fn listed(group: &Group) -> Vec<String> {
    let values: Vec<String> = group.newest.iter().map(|value| span(*value)).collect();
    let told = |same: &[String]| match same {
        [one] => one.clone(),
        same => format!("{} ({} times)", same[0], same.len()),
    };
    values.chunk_by(|one, next| one == next).map(told).collect()
}

/// How many operations there are, and how well each sort is known.
fn counts(group: &Group) -> Vec<String> {
    let mut words = vec![counted(group.newest.len(), "operation", "operations")];
    for (knowledge, of) in [
        (Knowledge::Exact, "to the second"),
        (Knowledge::Within, "within bounds"),
        (Knowledge::Running, "running"),
    ] {
        match group.count(knowledge) {
            0 => {}
            n => words.push(format!("{n} {of}")),
        }
    }
    words
}

fn compared(answer: &Answer, group: &Group) -> String {
    match group.compared(&answer.rule) {
        Compared::Copies => {
            "not compared: a full copy lasts as long as its data is large".to_owned()
        }
        Compared::TooFew(newest, before) => format!(
            "not compared: {newest} ended now and {before} before, of {} each",
            answer.rule.min_samples
        ),
        Compared::Change(change) => {
            let verdict = if change.is_slower {
                "slower"
            } else {
                "not slower"
            };
            format!(
                "{verdict}: median before {} of {}{}; {} % of pairs slower, p {}",
                bounds(change.earlier),
                group.before.len(),
                rise(&change),
                (change.comparison.slower_share * 100.0).floor(),
                chance(&change)
            )
        }
    }
}

/// Change of two medians that are one number each.
fn rise(change: &Change) -> String {
    let (newer, earlier) = (change.newer.least_secs, change.earlier.least_secs);
    if change.newer.is_exact() && change.earlier.is_exact() && earlier > 0.0 {
        let percent = ((newer - earlier) / earlier * 100.0).trunc();
        // Without the sign of a zero.
        format!(", now {:+} %", percent + 0.0)
    } else {
        String::new()
    }
}

/// A chance with the way in which it was found.
pub(super) fn chance(change: &Change) -> String {
    let method = method(change.comparison.method);
    if change.comparison.p < 0.0001 {
        format!("< 0.0001 ({method})")
    } else {
        format!("{:.4} ({method})", change.comparison.p)
    }
}

pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::Counted => "counted",
        Method::Normal => "normal",
    }
}

fn rates(answer: &Answer) -> String {
    let mut text = String::new();
    if !answer.rates.is_empty() {
        text +=
            "\nfailed in the last 24 h, of each driver and step as the worst measurer counted\n";
    }
    for rate in &answer.rates {
        text += &wrapped("", &[rate_words(rate)]);
    }
    for cluster in &answer.unmeasured {
        let words = format!(
            "Failures of {} are not known: metrics are not collected",
            visible(cluster)
        );
        text += &format!("\n{}", wrapped("", &[words]));
    }
    text
}

fn rate_words(rate: &Rate) -> String {
    let step = match rate.step.as_str() {
        "expand" => word(Operation::Resize),
        step => step,
    };
    let share = rate.interval().map_or_else(String::new, |(low, high)| {
        format!(
            ": {}..{} % (95 %)",
            tenth(low, Side::Below),
            tenth(high, Side::Above)
        )
    });
    format!(
        "{}, {step}: {} of {}{share}",
        visible(&rate.driver),
        rate.n_failed,
        rate.n_tried
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_forty_is_not_zero_percent() {
        let rate = Rate {
            cluster: "c".to_owned(),
            driver: "d".to_owned(),
            step: "expand".to_owned(),
            n_failed: 0,
            n_tried: 40,
        };
        assert_eq!(rate_words(&rate), "d, resize: 0 of 40: 0..8.8 % (95 %)");
    }
}
