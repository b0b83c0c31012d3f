//! Lines of 80 columns: names are never cut, so a line ends before a name that has no room on it.

use crate::fleet::{Count, Fullest, Space, Sum};
use crate::report::number::{Number, Round, THIN};

/// Columns of a terminal.
const WIDTH: usize = 80;

/// Parts with a comma between them, on as many lines as they take.
pub(super) fn wrapped(indent: usize, parts: &[String]) -> String {
    let mut text = String::new();
    let mut line = String::new();
    let margin = " ".repeat(indent);
    for (index, part) in parts.iter().enumerate() {
        let comma = if index + 1 < parts.len() { "," } else { "" };
        let word = format!("{part}{comma}");
        let length = indent + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && length > WIDTH {
            text += &format!("{margin}{line}\n");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += &word;
    }
    if line.is_empty() {
        return text;
    }
    text + &format!("{margin}{line}\n")
}

/// A number with a plain space before its unit, as a terminal has it.
pub(super) fn plain(number: &Number) -> String {
    number.text.replace(THIN, " ")
}

pub(super) fn count(n: i64) -> String {
    plain(&Number::count(n))
}

/// A sum with its noun; at least so many where a place was not read.
pub(super) fn sum(sum: Sum, one: &str, many: &str) -> String {
    let least = if sum.n_unread > 0 { ">=" } else { "" };
    format!("{least}{}", plain(&Number::count_of(sum.n, one, many)))
}

/// A count that may not have been read.
pub(super) fn read(n: Option<i64>, one: &str, many: &str) -> String {
    match n {
        Some(n) => plain(&Number::count_of(n, one, many)),
        None => format!("{many} not read"),
    }
}

/// Used space of a size.
pub(super) fn used(used_bytes: i64, size_bytes: i64) -> String {
    format!(
        "{} of {} used",
        plain(&Number::bytes(used_bytes, Round::Up)),
        plain(&Number::bytes(size_bytes, Round::Down))
    )
}

/// Space of several pools.
pub(super) fn space(space: Space) -> String {
    if space.n_pools == 0 && space.n_unread > 0 {
        return "pools not read".to_owned();
    }
    let least = if space.n_unread > 0 { ">=" } else { "" };
    let pools = super::super::counted(space.n_pools, "pool", "pools");
    format!(
        "{pools} with {least}{}",
        used(space.used_bytes, space.size_bytes)
    )
}

pub(super) fn share(used_bytes: i64, size_bytes: i64) -> String {
    plain(&Number::share(used_bytes, size_bytes, Round::Up))
}

/// How full the fullest pool is.
pub(super) fn fill(fullest: Option<&Fullest>) -> String {
    fullest.map_or_else(
        || "not read".to_owned(),
        |fullest| share(fullest.used_bytes, fullest.size_bytes),
    )
}

/// Findings of a severity, with those that are confirmed.
pub(super) fn findings(count: Count, word: &str) -> String {
    match (count.n, count.n_confirmed) {
        (n, 0) => format!("{n} {word}"),
        (n, confirmed) => format!("{n} {word} ({confirmed} confirmed)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_before_a_name_that_has_no_room_and_no_name_is_cut() {
        let names: Vec<String> = (0..9)
            .map(|n| format!("cluster-{}", n.to_string().repeat(16)))
            .collect();
        let text = wrapped(6, &names);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert_eq!(text.lines().count(), 5);
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(joined, names.join(", "));
        let long = "x".repeat(200);
        assert_eq!(
            wrapped(2, std::slice::from_ref(&long)),
            format!("  {long}\n")
        );
        assert_eq!(wrapped(2, &[]), "");
    }

    #[test]
    fn what_was_not_read_makes_a_sum_the_least_it_can_be() {
        assert_eq!(sum(Sum { n: 1, n_unread: 0 }, "PV", "PVs"), "1 PV");
        assert_eq!(sum(Sum { n: 4, n_unread: 1 }, "PV", "PVs"), ">=4 PVs");
        assert_eq!(read(None, "PV", "PVs"), "PVs not read");
        let gib = 1 << 30;
        let mut pools = Space {
            used_bytes: gib,
            size_bytes: 4 * gib,
            n_pools: 1,
            n_unread: 1,
        };
        assert_eq!(space(pools), "1 pool with >=1.00 GiB of 4.00 GiB used");
        pools.n_pools = 0;
        assert_eq!(space(pools), "pools not read");
    }
}
