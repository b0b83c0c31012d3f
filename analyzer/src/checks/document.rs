//! Generates the list of checks `CHECKS.md`: what is checked, with which thresholds, and which failure modes that covers.

use std::fmt::Write as _;

use crate::checks::{Check, PageError, built_in};
use crate::query::ParamValue;

/// Failure modes with their titles, and why a mode without a check has none.
const MODES: &str = include_str!("../../checks/modes.tsv");

/// One failure mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// `F01`.
    pub id: &'static str,
    /// What goes wrong.
    pub title: &'static str,
    /// Why no check detects it; empty when one does.
    pub why_not: &'static str,
}

/// Every failure mode, in order.
pub fn modes() -> Vec<Mode> {
    let mode = |line: &'static str| {
        let mut cells = line.split('\t');
        let mut next = || cells.next().unwrap_or_default();
        Mode {
            id: next(),
            title: next(),
            why_not: next(),
        }
    };
    MODES.lines().skip(1).map(mode).collect()
}

/// The list of checks as Markdown.
///
/// # Errors
/// A built-in page that cannot be read.
pub fn document() -> Result<String, PageError> {
    let mut checks = built_in()?;
    checks.sort_by(|left, right| left.page.id.cmp(&right.page.id));
    let mut text = String::from(
        "# Checks\n\nGenerated from `analyzer/checks`; do not edit. *Needs* are the tables that must be complete; a table in *where served* may\n\
         belong to a service that a site does not have, and must be complete where it has it; a table in *adds* gives numbers and\n\
         decides nothing.\n\n\
         | check | severity | scope | title | needs | where served | adds |\n|---|---|---|---|---|---|---|\n",
    );
    // Writing to a String cannot fail.
    for check in &checks {
        let page = &check.page;
        let _ = writeln!(
            text,
            "| {} | {} | {:?} | {} | {} | {} | {} |",
            page.id,
            page.severity.word(),
            page.scope,
            page.title,
            codes(&page.needs),
            codes(&page.where_served),
            codes(&page.adds)
        );
    }
    text.push_str(
        "\n## Thresholds\n\n| check | threshold | default | unit | authority |\n|---|---|---|---|---|\n",
    );
    for check in &checks {
        for (name, threshold) in &check.page.thresholds {
            let _ = writeln!(
                text,
                "| {} | `{name}` | {} | {} | {} |",
                check.page.id,
                value(&threshold.default),
                threshold.unit,
                threshold.authority
            );
        }
    }
    text.push_str(
        "\n## Failure modes\n\n| mode | what goes wrong | checks, or why none |\n|---|---|---|\n",
    );
    for mode in modes() {
        let found = of_mode(&checks, mode.id);
        let last = if found.is_empty() {
            mode.why_not.to_owned()
        } else {
            found.join(", ")
        };
        let _ = writeln!(text, "| {} | {} | {last} |", mode.id, mode.title);
    }
    Ok(text)
}

fn of_mode<'c>(checks: &'c [Check], mode: &str) -> Vec<&'c str> {
    let detects = |check: &&Check| check.page.modes.iter().any(|id| id == mode);
    checks
        .iter()
        .filter(detects)
        .map(|check| check.page.id.as_str())
        .collect()
}

fn codes(tables: &[String]) -> String {
    let codes: Vec<String> = tables.iter().map(|table| format!("`{table}`")).collect();
    codes.join(", ")
}

fn value(value: &ParamValue) -> String {
    match value {
        ParamValue::Integer(number) => number.to_string(),
        ParamValue::Float(number) => number.to_string(),
        ParamValue::Text(text) => format!("`{text}`"),
        ParamValue::Bool(truth) => truth.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_checks_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/CHECKS.md");
        let document = document().unwrap();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &document).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            stored == document,
            "CHECKS.md is stale; run UPDATE=1 cargo test -p truenas-analyzer"
        );
    }

    #[test]
    fn every_failure_mode_has_a_check_or_a_reason_and_never_both() {
        let checks = built_in().unwrap();
        let modes = modes();
        let numbered = (1..=50).map(|number| format!("F{number:02}"));
        let ids: Vec<&str> = modes.iter().map(|mode| mode.id).collect();
        assert_eq!(ids, numbered.collect::<Vec<_>>());
        for mode in modes {
            let is_detected = !of_mode(&checks, mode.id).is_empty();
            assert!(!mode.title.is_empty(), "{}", mode.id);
            assert_ne!(is_detected, !mode.why_not.is_empty(), "{}", mode.id);
        }
    }

    #[test]
    fn every_mode_of_a_page_is_a_failure_mode_or_an_id_of_a_check() {
        let checks = built_in().unwrap();
        let modes = modes();
        for check in &checks {
            for id in &check.page.modes {
                let is_known = modes.iter().any(|mode| mode.id == id)
                    || checks.iter().any(|other| other.page.id == *id);
                assert!(is_known, "{} names the mode {id}", check.page.id);
            }
        }
    }
}
