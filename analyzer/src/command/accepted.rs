//! `suppress` and `baseline`: what somebody accepted, written down for them, and read again by other commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use crate::analysis::Analysis;
use crate::checks::{NOT_COLLECTED, State};
use crate::cli::{Accepted, Baseline, Suppress};
use crate::suppress::{self, Document, Entry, MAX_DAYS, Status};

const DAY_SECS: i64 = 86_400;

/// Entries of a file with what each does to the present findings.
pub(crate) type Judged = Vec<(Entry, Status)>;

/// Reads the suppressions and takes the findings of active ones out of gates and scores.
pub(crate) fn apply(args: &Accepted, analysis: &mut Analysis) -> anyhow::Result<Judged> {
    let Some(path) = &args.suppressions else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the suppressions `{}`", path.display()))?;
    let document = Document::parse_suppressions(&text)
        .with_context(|| format!("`{}` cannot be used", path.display()))?;
    let entries: Vec<Entry> = document.entries().cloned().collect();
    let statuses = suppress::judge(&entries, analysis);
    let judged: Judged = entries.into_iter().zip(statuses).collect();
    let active = judged
        .iter()
        .filter(|(_, status)| *status == Status::Active);
    analysis.accepted = active.map(|(entry, _)| entry.finding.clone()).collect();
    Ok(judged)
}

/// Entries of a baseline with what each says about the present findings.
pub(crate) fn read_baseline(path: &Path, analysis: &Analysis) -> anyhow::Result<Judged> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read the baseline `{}`; `truenas-analyzer baseline` writes one",
            path.display()
        )
    })?;
    let document =
        Document::parse(&text).with_context(|| format!("`{}` cannot be used", path.display()))?;
    let entries: Vec<Entry> = document.entries().cloned().collect();
    let statuses = suppress::judge(&entries, analysis);
    Ok(entries.into_iter().zip(statuses).collect())
}

pub(crate) fn suppress(args: &Suppress) -> anyhow::Result<Exit> {
    for (name, text) in [("owner", &args.owner), ("reason", &args.reason)] {
        ensure!(
            !text.trim().is_empty(),
            "--{name} is empty; a suppression has an owner and a reason"
        );
    }
    let until = suppress::day(&args.until).ok_or_else(|| {
        anyhow!(
            "--until wants a day such as 2027-01-31, not `{}`",
            args.until
        )
    })?;
    let analysis = super::look(&args.input)?.analysis;
    let now = analysis.estate.now;
    let last = now + MAX_DAYS * DAY_SECS;
    ensure!(
        until + DAY_SECS > now,
        "{} is over at the time of the newest bundle, {}",
        args.until,
        Time::from_unix_secs(now)
    );
    ensure!(
        until <= last,
        "a suppression holds for at most {MAX_DAYS} days, so that somebody looks again; give --until {} or earlier",
        Time::from_unix_secs(last).day()
    );
    let finding =
        suppress::find(&analysis, &args.fingerprint).map_err(|message| anyhow!(message))?;
    let entry = Entry {
        owner: Some(args.owner.trim().to_owned()),
        reason: Some(args.reason.trim().to_owned()),
        since: Some(now),
        until: Some(until),
        ..suppress::Evidence::of(&analysis).entry(finding)
    };
    let mut document = open(&args.suppressions, Document::parse_suppressions)?;
    document
        .put(vec![entry])
        .with_context(|| format!("`{}` is not changed", args.suppressions.display()))?;
    super::write_output(Some(&args.suppressions), document.text().as_bytes())?;
    eprintln!(
        "{} {} is suppressed until {} in {}",
        finding.check_id,
        finding.fingerprint,
        args.until,
        args.suppressions.display()
    );
    Ok(Exit::Ok)
}

pub(crate) fn baseline(args: &Baseline) -> anyhow::Result<Exit> {
    let mut analysis = super::look(&args.input)?.analysis;
    apply(&args.accepted, &mut analysis)?;
    let evidence = suppress::Evidence::of(&analysis);
    let mut entries: Vec<Entry> = analysis
        .open_findings()
        .map(|finding| evidence.entry(finding))
        .collect();
    entries.sort_by(|a, b| (&a.check, &a.finding).cmp(&(&b.check, &b.finding)));
    entries.dedup_by(|a, b| a.finding == b.finding);
    let mut document = open(&args.output, Document::parse)?;
    let there: BTreeSet<&str> = entries.iter().map(|entry| entry.finding.as_str()).collect();
    let did_look = |entry: &Entry| {
        let ours = || {
            let results = analysis.results.iter();
            results.filter(|result| entry.check.as_ref() == Some(&result.check_id))
        };
        let is_blind = |state: &State| match state {
            State::NotEvaluated(_) => true,
            State::NotApplicable(reason) => reason.starts_with(NOT_COLLECTED),
            _ => false,
        };
        ours().next().is_some() && !ours().any(|result| is_blind(&result.state))
    };
    // What nobody could look for is not gone.
    document.retain(|entry| there.contains(entry.finding.as_str()) || !did_look(entry))?;
    let n_kept = document
        .entries()
        .filter(|entry| !there.contains(entry.finding.as_str()))
        .count();
    let n = entries.len() + n_kept;
    let held: BTreeMap<String, Entry> = document
        .entries()
        .map(|entry| (entry.finding.clone(), entry.clone()))
        .collect();
    entries.retain_mut(|entry| {
        let Some(held) = held.get(&entry.finding) else {
            return true;
        };
        entry.owner.clone_from(&held.owner);
        entry.reason.clone_from(&held.reason);
        entry.since = held.since;
        entry.until = held.until;
        entry.evidence != held.evidence
    });
    document.put(entries)?;
    super::write_output(Some(&args.output), document.text().as_bytes())?;
    eprintln!("{n} findings are in {}", args.output.display());
    Ok(Exit::Ok)
}

/// An existing file, or an empty one.
fn open(
    path: &Path,
    parse: fn(&str) -> Result<Document, suppress::EntryError>,
) -> anyhow::Result<Document> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
        }
    };
    parse(&text).with_context(|| format!("`{}` cannot be used", path.display()))
}
