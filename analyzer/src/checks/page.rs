//! The page of a check: front matter that the runner obeys, and the text that people read.
//!
//! Where the causes of a check need different steps, `when` says which items of its fix are for which findings: the number
//! of an item, a column of the row, and the words in it. `when: {2: {cause: [link-missing]}}` keeps item 2 from all other
//! findings. An item that `when` does not name is for each of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::query::catalog::is_plain_name;
use crate::query::{ParamValue, Value};

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

/// The words that each of these columns of a row may hold.
pub type When = BTreeMap<String, Vec<String>>;

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
    /// Items of the fix that are for some findings only, by number from 1.
    pub when: BTreeMap<usize, When>,
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
    #[serde(default)]
    when: BTreeMap<usize, When>,
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
    check_items(&front.when, &fix).map_err(|reason| fail(line_of(text, "when"), reason))?;
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
        when,
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
        when,
        what,
        why,
        fix,
        traps,
    })
}

impl Page {
    /// Whether an item of the fix is for a row with these columns.
    pub fn is_for(&self, item: usize, row: &[(String, Value)]) -> bool {
        let holds = |column: &str, words: &[String]| {
            let value = row.iter().find(|(name, _)| name == column);
            let word = value.and_then(|(_, value)| value.as_text());
            word.is_some_and(|word| words.iter().any(|known| known == word))
        };
        let when = self.when.get(&item).into_iter().flatten();
        when.into_iter().all(|(column, words)| holds(column, words))
    }

    /// The items of a fix with `when` that are for a row, by number; nothing of a page whose items are for every row.
    pub fn items_for(&self, row: &[(String, Value)]) -> Option<Vec<usize>> {
        let items = (!self.when.is_empty()).then(|| numbers(&self.fix))?;
        let is_for = |item: &usize| self.is_for(*item, row);
        Some(items.into_iter().filter(is_for).collect())
    }
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
        for (item, when) in &self.when {
            if let Some(column) = when.keys().find(|column| !is_plain_name(column)) {
                return Err(("when", format!("`{column}` is no column name")));
            }
            if when.is_empty() || when.values().any(Vec::is_empty) {
                return Err(("when", format!("item {item} is for no finding")));
            }
        }
        Ok(())
    }
}

/// Checks that each item of `when` is one of the fix.
fn check_items(when: &BTreeMap<usize, When>, fix: &str) -> Result<(), String> {
    let items = numbers(fix);
    if !when.is_empty() && !items.iter().copied().eq(1..=items.len()) {
        return Err("the items of the fix are not numbered from 1".to_owned());
    }
    match when.keys().find(|item| !items.contains(item)) {
        Some(item) => Err(format!("the fix has no item {item}")),
        None => Ok(()),
    }
}

/// Numbers of the items of a list, as they are written.
fn numbers(fix: &str) -> Vec<usize> {
    let number = |line: &str| line.trim().split_once(". ")?.0.parse().ok();
    fix.lines().filter_map(number).collect()
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
mod tests;
