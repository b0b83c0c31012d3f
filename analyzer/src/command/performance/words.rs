//! Times and lines as people read them.

use crate::command::counted;
use crate::duration::{Bounds, Span};

const WIDTH: usize = 80;

/// Which side of a number its text may be on.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Below,
    Near,
    Above,
}

/// Percent with one digit, rounded away from the middle.
pub(super) fn tenth(share: f64, side: Side) -> f64 {
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
pub(super) fn length(secs: i64) -> String {
    match secs {
        secs if secs % 86_400 == 0 => {
            counted(usize::try_from(secs / 86_400).unwrap_or(0), "day", "days")
        }
        secs if secs % 3_600 == 0 => format!("{} h", secs / 3_600),
        secs => format!("{} min", secs / 60),
    }
}

/// Words after an indent, broken between them where a line is full; those that fill a line are broken at spaces.
pub(super) fn wrapped(indent: &str, words: &[String]) -> String {
    let inner = WIDTH - indent.chars().count();
    let mut lines = vec![String::new()];
    for (index, word) in words.iter().enumerate() {
        let end = if index + 1 < words.len() { "," } else { "" };
        let word = format!("{word}{end}");
        let parts: Vec<&str> = if word.chars().count() > inner {
            word.split(' ').collect()
        } else {
            vec![word.as_str()]
        };
        for part in parts {
            let last = lines.last_mut();
            let room = last.as_ref().map_or(0, |line| line.chars().count());
            match last {
                Some(line) if line.is_empty() => line.push_str(part),
                Some(line) if room + 1 + part.chars().count() <= inner => {
                    line.push(' ');
                    line.push_str(part);
                }
                _ => lines.push(part.to_owned()),
            }
        }
    }
    let indented = lines.into_iter().map(|line| format!("{indent}{line}\n"));
    indented.collect()
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
        assert!(
            text.lines()
                .all(|line| line.ends_with(',') || line.ends_with("39 min")),
            "{text}"
        );
        let again: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(again.join(" "), words.join(", "));
        let sentence = ["word ".repeat(40).trim_end().to_owned()];
        let text = wrapped("  ", &sentence);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    }
}
