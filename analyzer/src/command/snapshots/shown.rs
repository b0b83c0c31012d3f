//! Which sections an answer has, and the answer put together of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::anyhow;
use clap::ValueEnum as _;

use super::facts::Facts;
use super::section::{Gap, Section};
use super::{
    Answer, Dataset, Hole, coverage, creators, growth, list, operations, points, print, retention,
};
use crate::cli::{Print, Show};
use crate::history::{Estate, History};
use crate::settings::Settings;

/// Sections of an answer in this format: all of them when none is named, and one for a table.
pub(super) fn shown(named: &[Show], format: Print) -> anyhow::Result<BTreeSet<Show>> {
    let named: BTreeSet<Show> = named.iter().copied().collect();
    match (format, named.len()) {
        (Print::Csv, 0) => Ok(BTreeSet::from([Show::Reclaim])),
        (Print::Csv, 2..) => Err(anyhow!(
            "csv is one table: give one --show, or --format json for several sections"
        )),
        (_, 0) => Ok(Show::value_variants().iter().copied().collect()),
        _ => Ok(named),
    }
}

/// The sections but for the reclaim table, which prints itself.
pub(super) fn sections(
    estate: &Estate,
    history: &History,
    settings: &Settings,
    shown: &BTreeSet<Show>,
    (datasets, holes): (&[Dataset], &[Hole]),
) -> anyhow::Result<Vec<Section>> {
    let wanted: Vec<Show> = shown
        .iter()
        .copied()
        .filter(|show| *show != Show::Reclaim)
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let facts = Facts::new(estate.clone(), settings, shown)?;
    let gaps: Vec<Gap> = holes.iter().map(gap).collect();
    let mut sections = Vec::new();
    for show in wanted {
        sections.push(match show {
            Show::Creators => creators::section(&facts, datasets, &gaps)?,
            Show::Growth => growth::section(&facts, datasets, &counts(estate, history), &gaps)?,
            Show::Coverage => coverage::section(&facts)?,
            Show::Retention => retention::section(&facts)?,
            Show::Operations => operations::section(&facts)?,
            Show::RestorePoints => points::section(&facts)?,
            Show::Reclaim => continue,
        });
    }
    Ok(sections)
}

fn gap(hole: &Hole) -> Gap {
    Gap {
        scope: hole.appliance.clone(),
        reason: format!("{}: {}", hole.table, hole.outcome),
        is_hole: true,
    }
}

fn counts(estate: &Estate, history: &History) -> growth::Counts {
    let mut counts = BTreeMap::new();
    for appliance in &estate.appliances {
        let pools = history.snapshots_over_time(&estate.domain, appliance, estate.now);
        let pools = pools.into_iter();
        counts.extend(pools.map(|(pool, points)| ((appliance.clone(), pool), points)));
    }
    counts
}

/// Summaries and the reclaim table, or what was asked for in full.
pub(super) fn text(
    answer: &Answer,
    sections: &[Section],
    shown: &BTreeSet<Show>,
    is_asked: bool,
) -> String {
    let one = if is_asked { list::text } else { list::summary };
    let mut parts: Vec<String> = Vec::new();
    if is_asked {
        parts.extend(sections.iter().map(one));
    } else {
        parts.push(sections.iter().map(one).collect());
    }
    if shown.contains(&Show::Reclaim) {
        parts.push(print::text(answer));
    }
    parts.join("\n")
}

/// The one table that was asked for.
pub(super) fn csv(answer: &Answer, sections: &[Section]) -> String {
    match sections.first() {
        Some(section) => list::csv(section),
        None => print::csv(answer),
    }
}

/// Every section below its key, beside those of the reclaim table.
pub(super) fn json(
    answer: &Answer,
    sections: &[Section],
    shown: &BTreeSet<Show>,
) -> serde_json::Value {
    let mut json = if shown.contains(&Show::Reclaim) {
        print::json(answer)
    } else {
        serde_json::json!({"domain": answer.domain})
    };
    for section in sections {
        json[list::key(section.show)] = list::json(section);
    }
    json
}
