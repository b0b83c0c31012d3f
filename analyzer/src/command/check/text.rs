//! The results of `check` for people.

use std::collections::BTreeMap;

use super::{Checked, words};
use crate::lifecycle::{Standing, resolution};
use crate::report::escape::visible;
use crate::suppress::{Entry, Status};

/// One line a check and scope, its findings below it, then what changed and what was accepted.
pub(super) fn text(checked: &Checked) -> String {
    let mut text = results(checked);
    text += &changes(checked);
    text += &suppressions(checked);
    text += &baseline(checked);
    text
}

fn results(checked: &Checked) -> String {
    let mut text = String::new();
    for result in &checked.analysis.results {
        let (state, reason) = words(&result.state);
        let title = checked
            .analysis
            .page(&result.check_id)
            .map_or("", |page| page.title.as_str());
        let n_checked = result
            .n_population
            .map(|n| format!(" ({n} checked)"))
            .unwrap_or_default();
        text += &format!("{:<8} {state:<15} {title}{n_checked}\n", result.check_id);
        if !result.scope.is_empty() {
            text += &format!("         in {}\n", visible(&result.scope));
        }
        if !reason.is_empty() {
            text += &format!("         {}\n", visible(reason));
        }
        for finding in result
            .findings
            .iter()
            .filter(|finding| checked.is_shown(finding))
        {
            let (severity, grade) = (finding.effective_severity.word(), finding.grade.word());
            let (state, subject) = (checked.state(finding), visible(&finding.subject));
            let short = finding.fingerprint.get(..8).unwrap_or_default();
            text += &format!("    {severity:<9} {grade:<10} {state:<10} {short}  {subject}\n");
        }
    }
    text
}

/// Counts since the moments before, with the reasons of what is gone.
fn changes(checked: &Checked) -> String {
    let Some(lifecycle) = checked
        .lifecycle
        .as_ref()
        .filter(|lifecycle| lifecycle.n_moments > 1)
    else {
        return String::new();
    };
    let count = |standing: Standing| {
        let lives = lifecycle.lives.values();
        lives.filter(|life| life.standing == standing).count()
    };
    let mut gone: BTreeMap<&str, usize> = BTreeMap::new();
    for trace in lifecycle.gone.iter().map(|gone| &gone.trace) {
        *gone
            .entry(resolution(&checked.analysis, None, trace).word())
            .or_default() += 1;
    }
    let gone: Vec<String> = gone.iter().map(|(word, n)| format!("{n} {word}")).collect();
    let gone = if gone.is_empty() {
        "none".to_owned()
    } else {
        gone.join(", ")
    };
    format!(
        "\nOver {} moments: {} new, {} back again, {} persisting; gone: {gone}\n",
        lifecycle.n_moments,
        count(Standing::New),
        count(Standing::Regressed),
        count(Standing::Persisting),
    )
}

fn suppressions(checked: &Checked) -> String {
    if checked.suppressions.is_empty() {
        return String::new();
    }
    let mut text = "\nSuppressions\n".to_owned();
    for (entry, status) in &checked.suppressions {
        let owner = entry.owner.as_deref().unwrap_or_default();
        let days = match (status, entry.days_left(checked.analysis.estate.now)) {
            (Status::Active, Some(days)) => format!(", {days} d left"),
            _ => String::new(),
        };
        text += &format!(
            "  {:<9} {} ({}{days})\n",
            status.word(),
            named(entry),
            visible(owner)
        );
    }
    text
}

fn baseline(checked: &Checked) -> String {
    let Some(entries) = &checked.baseline else {
        return String::new();
    };
    let count = |wanted: Status| {
        entries
            .iter()
            .filter(|(_, status)| *status == wanted)
            .count()
    };
    let mut text = format!(
        "\nBaseline: {} still there, {} with other evidence, {} no longer there\n",
        count(Status::Active),
        count(Status::Void),
        count(Status::Unused),
    );
    for (entry, _) in entries.iter().filter(|(_, status)| *status == Status::Void) {
        text += &format!("  changed   {}\n", named(entry));
    }
    text
}

fn named(entry: &Entry) -> String {
    let short = entry.finding.get(..8).unwrap_or_default();
    let (check, subject) = (entry.check.as_deref(), entry.subject.as_deref());
    format!(
        "{:<8} {short}  {}",
        check.unwrap_or_default(),
        visible(subject.unwrap_or_default())
    )
}
