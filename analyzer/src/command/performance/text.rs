//! The answer for people, 80 columns wide.

use truenas_common::time::Time;

use super::{Answer, Compared, Group, Hole, Rate, kind, name_of, word};
use crate::cli::Operation;
use crate::command::counted;
use crate::duration::{Bounds, Change, Knowledge, Method, Span};
use crate::report::escape::visible;

const WIDTH: usize = 80;

/// Which side of a number its text may be on.
#[derive(Clone, Copy)]
enum Side {
    Below,
    Near,
    Above,
}

const NOTE: &str = "
To the second: both ends are timestamps of objects that still exist. Within
bounds: seen at collections alone, so that `<=` and `..` are all that is known.
Running: begun and not ended, as `>=`. Percentiles are of type 7 and stand
between their bounds; fewer than 20 operations are listed and not judged. Mount
has attaching and pulling of images in it; resize waits for a pod.
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
    let of = hole.operation.map_or("failures", word);
    wrapped(
        &format!("Not evaluated: {of} of {}: ", visible(&hole.cluster)),
        &[format!("{}: {}", hole.table, visible(&hole.outcome))],
    )
}

fn head(answer: &Answer, operation: Operation) -> String {
    format!(
        "\n{} by {}\n    {:<19}{:<19}{:<19}{}\n",
        word(operation),
        kind(operation, answer.by),
        "median",
        "p90",
        "p95",
        "longest"
    )
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
        let values: Vec<String> = group.newest.iter().map(|value| span(*value)).collect();
        text += &wrapped("    ", &values);
    }
    text + &wrapped("    ", &[compared(answer, group)])
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
                "{verdict}: median {}before {} of {}; {} % of pairs slower, p {}",
                rise(&change),
                bounds(change.earlier),
                group.before.len(),
                (change.comparison.slower_share * 100.0).floor(),
                chance(&change)
            )
        }
    }
}

/// Change of two medians that are one number each.
fn rise(change: &Change) -> String {
    if !(change.newer.is_exact() && change.earlier.is_exact()) {
        return String::new();
    }
    let (newer, earlier) = (change.newer.least_secs, change.earlier.least_secs);
    if earlier <= 0.0 {
        return String::new();
    }
    let percent = ((newer - earlier) / earlier * 100.0).trunc();
    if percent == 0.0 {
        "as ".to_owned()
    } else {
        format!("{percent:+} % from ")
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
        text += &wrapped("\n", &[words]);
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

/// Percent with one digit, rounded away from the middle.
fn tenth(share: f64, side: Side) -> f64 {
    let tenths = share * 1_000.0;
    match side {
        Side::Below => tenths.floor() / 10.0,
        _ => tenths.ceil() / 10.0,
    }
}

/// One operation: a number, or what is known of it.
pub(super) fn span(span: Span) -> String {
    bounds(Bounds {
        least_secs: span.least_secs() as f64,
        most_secs: span.most_secs().map(|secs| secs as f64),
    })
}

/// `43.4 s`, `<= 7 min`, `2 h..25 h` or `>= 3 h`; never more exact than what is known.
pub(super) fn bounds(bounds: Bounds) -> String {
    match bounds.most_secs {
        None => format!(">= {}", secs(bounds.least_secs, Side::Below)),
        Some(most) if most == bounds.least_secs => secs(most, Side::Near),
        Some(most) if bounds.least_secs <= 0.0 => format!("<= {}", secs(most, Side::Above)),
        Some(most) => format!(
            "{}..{}",
            secs(bounds.least_secs, Side::Below),
            secs(most, Side::Above)
        ),
    }
}

/// Seconds in the largest unit that leaves two of it, with one digit below a hundred.
fn secs(secs: f64, side: Side) -> String {
    let (unit, word) = match secs {
        secs if secs < 120.0 => (1.0, "s"),
        secs if secs < 7_200.0 => (60.0, "min"),
        secs if secs < 172_800.0 => (3_600.0, "h"),
        _ => (86_400.0, "d"),
    };
    let scale = if secs / unit < 100.0 { 10.0 } else { 1.0 };
    let scaled = secs / unit * scale;
    // What is a whole number up to the noise of the division is one.
    let near = scaled.round();
    let whole = match side {
        _ if (scaled - near).abs() < 1e-6 => near,
        Side::Below => scaled.floor(),
        Side::Above => scaled.ceil(),
        _ => near,
    };
    format!("{} {word}", whole / scale)
}

/// Length of a window.
fn length(secs: i64) -> String {
    match secs {
        secs if secs % 86_400 == 0 => {
            counted(usize::try_from(secs / 86_400).unwrap_or(0), "day", "days")
        }
        secs if secs % 3_600 == 0 => format!("{} h", secs / 3_600),
        secs => format!("{} min", secs / 60),
    }
}

/// Words after an indent, broken between them, or inside them at spaces, where a line is full.
fn wrapped(indent: &str, words: &[String]) -> String {
    let inner = " ".repeat(indent.len().min(4));
    let mut text = indent.to_owned();
    let mut width = indent.trim_start_matches('\n').chars().count();
    let joined = words.join(", ");
    let mut is_first = true;
    for word in joined.split(' ') {
        let n = word.chars().count();
        if !is_first && width + 1 + n > WIDTH {
            text += &format!("\n{inner}");
            width = inner.len();
            is_first = true;
        }
        if !is_first {
            text.push(' ');
            width += 1;
        }
        text += word;
        width += n;
        is_first = false;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_never_more_exact_than_what_is_known() {
        for (of, expect) in [
            (Span::exact(8), "8 s"),
            (Span::exact(119), "119 s"),
            (Span::exact(150), "2.5 min"),
            (Span::between(0, 420), "<= 7 min"),
            (Span::between(0, 421), "<= 7.1 min"),
            (Span::between(7_259, 90_001), "2 h..25.1 h"),
            (Span::at_least(10_799), ">= 2.9 h"),
            (Span::at_least(0), ">= 0 s"),
            (Span::exact(864_000), "10 d"),
        ] {
            assert_eq!(span(of), expect);
        }
        let p90 = Bounds {
            least_secs: 43.4,
            most_secs: Some(43.4),
        };
        assert_eq!(bounds(p90), "43.4 s");
    }

    #[test]
    fn lines_break_between_words_and_stay_within_a_terminal() {
        let words: Vec<String> = (0..40).map(|n| format!("{n} min")).collect();
        let text = wrapped("    ", &words);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert!(text.lines().all(|line| line.starts_with("    ")), "{text}");
        let again: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(again.join(" "), words.join(", "));
    }

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
