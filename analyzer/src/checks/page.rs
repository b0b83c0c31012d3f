//! The page of a check: front matter that the runner obeys, and the text that people read.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::query::ParamValue;
use crate::query::catalog::is_plain_name;

/// Why a page cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct PageError {
    /// File as named by the caller.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Whose state a check judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Each TrueNAS appliance by itself.
    Appliance,
    /// Each Kubernetes cluster by itself.
    Cluster,
    /// Everything at once.
    Estate,
}

/// How bad a finding is, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Data loss or outage is near or present.
    Critical,
    /// Act this week.
    High,
    /// Act when planned.
    Medium,
    /// Worth knowing.
    Low,
    /// No action.
    Info,
}

/// A number or word that a site may change.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Value unless the configuration says otherwise.
    pub default: ParamValue,
    /// Unit of the value.
    pub unit: String,
    /// Who says so; `ours` when nobody does.
    pub authority: String,
}

/// One parsed page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// `ORP-001`.
    pub id: String,
    /// The problem in a few words.
    pub title: String,
    /// Severity of its findings unless a row says otherwise.
    pub severity: Severity,
    /// Whose state it judges.
    pub scope: Scope,
    /// Tables that must be complete.
    pub needs: Vec<String>,
    /// Tables of services that a site may not have: absent is empty, failed is not evaluated.
    pub where_served: Vec<String>,
    /// Tables that add numbers to a finding and decide nothing.
    pub adds: Vec<String>,
    /// Table whose rows are what is judged.
    pub population: Option<String>,
    /// Version that added the check.
    pub since: String,
    /// Thresholds by parameter name.
    pub thresholds: BTreeMap<String, Threshold>,
    /// Controls that the check gives evidence for.
    pub maps: Vec<String>,
    /// Failure modes that it detects.
    pub modes: Vec<String>,
    /// What it finds.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// What looks like a finding and is none.
    pub traps: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    id: String,
    title: String,
    severity: Severity,
    scope: Scope,
    needs: Vec<String>,
    #[serde(default)]
    where_served: Vec<String>,
    #[serde(default)]
    adds: Vec<String>,
    population: Option<String>,
    since: String,
    #[serde(default)]
    thresholds: BTreeMap<String, Threshold>,
    #[serde(default)]
    maps: Vec<String>,
    #[serde(default)]
    modes: Vec<String>,
}

/// Parses a page; `file` is only for messages.
pub fn parse(file: &str, text: &str) -> Result<Page, PageError> {
    let fail = |line, reason: String| PageError {
        file: file.to_owned(),
        line,
        reason,
    };
    let Some((front, body)) = text.strip_prefix("---\n").and_then(split_front) else {
        return Err(fail(
            1,
            "the page does not start with front matter between `---` lines".to_owned(),
        ));
    };
    let body_line = front.lines().count() + 3;
    let front: Front = serde_saphyr::from_str(front).map_err(|error| {
        let line = error
            .location()
            .map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
        // Only the first line of the message: the rest draws the source.
        let message = error.to_string();
        fail(
            line + 1,
            message
                .lines()
                .next()
                .unwrap_or("invalid front matter")
                .to_owned(),
        )
    })?;
    front
        .check()
        .map_err(|(key, reason)| fail(line_of(text, key), reason))?;
    let mut sections = sections(body, body_line).map_err(|(line, reason)| fail(line, reason))?;
    let mut take = |name: &str| {
        let missing = || {
            fail(
                body_line,
                format!("the heading `## {name}` is missing or has no text"),
            )
        };
        sections
            .remove(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(missing)
    };
    let (what, why, fix) = (take("What")?, take("Why")?, take("Fix")?);
    let traps = sections.remove("Traps");
    let Front {
        id,
        title,
        severity,
        scope,
        needs,
        where_served,
        adds,
        population,
        since,
        thresholds,
        maps,
        modes,
    } = front;
    Ok(Page {
        id,
        title,
        severity,
        scope,
        needs,
        where_served,
        adds,
        population,
        since,
        thresholds,
        maps,
        modes,
        what,
        why,
        fix,
        traps,
    })
}

impl Front {
    /// Checks what the types cannot; an error names the key.
    fn check(&self) -> Result<(), (&'static str, String)> {
        if !is_check_id(&self.id) {
            return Err((
                "id",
                format!(
                    "the id `{}` is not three capitals, a dash and three digits",
                    self.id
                ),
            ));
        }
        if self.title.trim().is_empty() || self.title.ends_with('.') {
            return Err(("title", "the title is empty or ends with a stop".to_owned()));
        }
        let lists = [
            ("needs", &self.needs),
            ("where_served", &self.where_served),
            ("adds", &self.adds),
        ];
        let mut named = BTreeSet::new();
        for (key, tables) in lists {
            for table in tables {
                if !is_plain_name(table) {
                    return Err((key, format!("`{table}` is no table name")));
                }
                if !named.insert(table) {
                    return Err((key, format!("`{table}` is named twice")));
                }
            }
        }
        if let Some(table) = self.population.iter().find(|table| !is_plain_name(table)) {
            return Err(("population", format!("`{table}` is no table name")));
        }
        if let Some(name) = self
            .thresholds
            .keys()
            .find(|name| !is_plain_name(name) || *name == "now")
        {
            return Err(("thresholds", format!("`{name}` is no parameter name")));
        }
        let silent = |threshold: &Threshold| {
            threshold.unit.trim().is_empty() || threshold.authority.trim().is_empty()
        };
        if let Some((name, _)) = self
            .thresholds
            .iter()
            .find(|(_, threshold)| silent(threshold))
        {
            return Err((
                "thresholds",
                format!("the threshold `{name}` has no unit or no authority"),
            ));
        }
        Ok(())
    }
}

fn is_check_id(id: &str) -> bool {
    let (area, number) = id.split_once('-').unwrap_or((id, ""));
    area.len() == 3
        && number.len() == 3
        && area.bytes().all(|letter| letter.is_ascii_uppercase())
        && number.bytes().all(|letter| letter.is_ascii_digit())
}

fn split_front(rest: &str) -> Option<(&str, &str)> {
    let end = if rest.starts_with("---\n") {
        0
    } else {
        rest.find("\n---\n")? + 1
    };
    Some((&rest[..end], &rest[end + "---\n".len()..]))
}

fn line_of(text: &str, key: &str) -> usize {
    text.lines()
        .position(|line| line.split(':').next() == Some(key))
        .map_or(1, |index| index + 1)
}

type Sections = BTreeMap<&'static str, String>;

fn sections(body: &str, first_line: usize) -> Result<Sections, (usize, String)> {
    let mut sections = Sections::new();
    let mut current: Option<&'static str> = None;
    for (index, line) in body.lines().enumerate() {
        let number = first_line + index;
        if let Some(heading) = line.strip_prefix("## ") {
            let Some(name) = ["What", "Why", "Fix", "Traps"]
                .into_iter()
                .find(|name| *name == heading.trim())
            else {
                return Err((
                    number,
                    format!("the heading `{heading}` is none of What, Why, Fix and Traps"),
                ));
            };
            if sections.insert(name, String::new()).is_some() {
                return Err((number, format!("the heading `{heading}` stands twice")));
            }
            current = Some(name);
            continue;
        }
        match current.and_then(|name| sections.get_mut(name)) {
            Some(text) => {
                text.push_str(line);
                text.push('\n');
            }
            None if line.trim().is_empty() => {}
            None => return Err((number, "text before the first heading".to_owned())),
        }
    }
    for text in sections.values_mut() {
        *text = text.trim().to_owned();
    }
    Ok(sections)
}

impl Severity {
    /// The word in pages, rows and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }

    /// The severity that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Critical,
            Self::High,
            Self::Medium,
            Self::Low,
            Self::Info,
        ]
        .into_iter()
        .find(|severity| severity.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
---
id: ORP-001
title: Dataset without a volume
severity: high
scope: appliance
needs: [zfs_dataset, k8s_pv]
population: zfs_dataset
since: \"1\"
thresholds:
  min_age_secs: {default: 86400, unit: s, authority: ours}
modes: [F02]
---

## What

A dataset.

## Why
Space.
## Fix

Look first.
";

    #[track_caller]
    fn check(text: &str, expect: Result<(), (usize, &str)>) {
        match (parse("check.md", text), expect) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err((line, part))) => {
                assert!(error.reason.contains(part), "{error}");
                assert_eq!(error.line, line, "{error}");
                assert_eq!(error.file, "check.md");
            }
            (got, expect) => panic!("{got:?} in place of {expect:?}"),
        }
    }

    #[test]
    fn a_full_page_is_read() {
        let page = parse("check.md", PAGE).expect("a valid page");
        assert_eq!(
            (page.id.as_str(), page.scope, page.severity),
            ("ORP-001", Scope::Appliance, Severity::High)
        );
        assert_eq!(
            page.thresholds["min_age_secs"].default,
            ParamValue::Integer(86400)
        );
        assert_eq!(
            (page.what.as_str(), page.why.as_str(), page.fix.as_str()),
            ("A dataset.", "Space.", "Look first.")
        );
        assert_eq!(page.traps, None);
    }

    #[test]
    fn unknown_keys_and_values_are_refused_with_their_line() {
        check(PAGE, Ok(()));
        check(&PAGE.replace("modes:", "mode:"), Err((11, "mode")));
        check(
            &PAGE.replace("severity: high", "severity: severe"),
            Err((4, "severe")),
        );
        check(
            &PAGE.replace("authority: ours", "source: ours"),
            Err((10, "source")),
        );
    }

    #[test]
    fn ids_names_and_thresholds_are_checked() {
        check(&PAGE.replace("ORP-001", "ORP-1"), Err((2, "three digits")));
        check(
            &PAGE.replace("k8s_pv]", "K8sPv]"),
            Err((6, "no table name")),
        );
        check(
            &PAGE.replace("since:", "adds: [k8s_pv]\nsince:"),
            Err((8, "`k8s_pv` is named twice")),
        );
        check(
            &PAGE.replace("min_age_secs", "now"),
            Err((9, "no parameter name")),
        );
        check(&PAGE.replace("unit: s", "unit: \" \""), Err((9, "no unit")));
    }

    #[test]
    fn headings_are_required_known_and_single() {
        check(&PAGE.replace("## Why", "## Reason"), Err((18, "Reason")));
        check(&PAGE.replace("## Why\nSpace.\n", ""), Err((13, "## Why")));
        check(&PAGE.replace("Look first.", ""), Err((13, "## Fix")));
        check(&PAGE.replace("## Fix", "## Why"), Err((20, "twice")));
        check(
            &PAGE.replace("\n## What", "Hello.\n## What"),
            Err((13, "before the first heading")),
        );
    }

    #[test]
    fn a_page_without_front_matter_is_refused() {
        check("## What\n\nA dataset.\n", Err((1, "front matter")));
        check("---\nid: ORP-001\n", Err((1, "front matter")));
    }
}
