//! What is said of namespaces, classes and volumes.

mod machine;

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::exit::Exit;

use super::group::{self, Input, Key, Line};
use super::limit::{Facts, Limits};
use super::near::{self, KUBELET, Limit};
use super::words::{change, day, growth, plain};
use super::{LOOK_BACK_DAYS, TOP, frame, pace, reclaims};
use crate::analysis::{self, Analysis, AnalysisError};
use crate::cli::{Capacity, CapacityBy, Print};
use crate::command::counted;
use crate::command::stdout::{out, outln};
use crate::command::volumes::{self, Object};
use crate::growth::COLUMNS;
use crate::history::{Estate, History};
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

/// What is said, and of what.
struct Answer<'a> {
    args: &'a Capacity,
    by: CapacityBy,
    estate: &'a Estate,
    since: i64,
    /// Lines to print.
    lines: Vec<Line>,
    n_more: usize,
    near: Vec<near::Near>,
    most: usize,
    gaps: Vec<String>,
}

pub(super) fn run(
    args: &Capacity,
    analysis: &Analysis,
    history: &History,
    since: i64,
) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        args.add.is_none(),
        "`--add` makes pools larger, and what {} may hold stays as it is; leave `--by` away to see the pools",
        match args.by {
            CapacityBy::Volume => "a volume",
            _ => "a group of volumes",
        }
    );
    anyhow::ensure!(
        args.trend.is_none(),
        "`--trend` asks whose the change of pools is; leave `--by` away"
    );
    let estate = &analysis.estate;
    let holes = volumes::holes(estate, history);
    let now = volumes::volumes(estate, &analysis.session, &holes)?;
    let gone = gone(estate, history, &now, since)?;
    let space = history.readings(&estate.domain, "zfs_dataset_space", COLUMNS, estate.now);
    let reclaims = reclaims(args, estate, history);
    let most = match args.format {
        Print::Text => args.top.unwrap_or(TOP),
        Print::Json | Print::Csv => args.top.unwrap_or(usize::MAX),
    };
    let input = Input {
        by: args.by,
        is_one: estate.clusters.len() == 1,
        now: &now,
        gone: &gone,
        space: &space,
        since,
        pace: pace(args),
        reclaims: reclaims.as_ref(),
    };
    let limits = (args.by == CapacityBy::Volume).then(|| {
        let nodes = history.readings(&estate.domain, "k8s_kubelet_volume", KUBELET, estate.now);
        Limits::of(estate, &now, &space, nodes, (since, pace(args)))
    });
    let mut lines = group::lines(&input, limits.as_ref(), most);
    let n_more = lines.len().saturating_sub(most);
    lines.truncate(most);
    let mut gaps: Vec<String> = holes.into_values().collect();
    gaps.extend(near::blind(analysis));
    let is_volume = args.by == CapacityBy::Volume;
    let answer = Answer {
        args,
        by: args.by,
        estate,
        since,
        lines,
        n_more,
        near: if is_volume {
            near::near(analysis, history, since, pace(args))
        } else {
            Vec::new()
        },
        most,
        gaps,
    };
    match args.format {
        Print::Text => out!("{}", answer.text()),
        Print::Csv => out!("{}", answer.csv()),
        Print::Json => outln!("{:#}", answer.json()),
    }
    let is_whole = |line: &Line| !matches!(line.reclaim, Some(Err(_)));
    Ok(
        if answer.gaps.is_empty() && answer.lines.iter().all(is_whole) {
            Exit::Ok
        } else {
            Exit::NotEvaluated
        },
    )
}

/// Volumes that went since a time, as the same view joins them among all that were ever there since.
pub(crate) fn gone(
    estate: &Estate,
    history: &History,
    now: &[Object],
    since: i64,
) -> anyhow::Result<Vec<Object>> {
    let past = estate
        .with_past(history, since)
        .map_err(AnalysisError::Estate)?;
    let n_rows = |estate: &Estate| {
        estate
            .frames
            .get("k8s_pv")
            .map_or(0, |frame| frame.height())
    };
    if n_rows(&past) <= n_rows(estate) {
        return Ok(Vec::new());
    }
    let views = volumes::VIEWS.map(str::to_owned);
    let session = analysis::session(&past, BTreeSet::from(views))?;
    let all = volumes::volumes(&past, &session, &BTreeMap::new())?;
    let names: BTreeSet<(&str, &str)> = now
        .iter()
        .map(|object| (&*object.cluster, &*object.name))
        .collect();
    let datasets: BTreeSet<&(String, String)> = now
        .iter()
        .filter_map(|object| object.dataset.as_ref())
        .collect();
    let shown = history.readings(&estate.domain, "k8s_pv", [], estate.now);
    let last_shown = |object: &Object| {
        let volumes = shown.get(&object.cluster)?;
        let run = volumes.objects.get(&object.name)?.last()?;
        volumes.times.get(run.to.checked_sub(1)?).copied()
    };
    let is_gone = |object: &Object| {
        let dataset = object.dataset.as_ref();
        !names.contains(&(&*object.cluster, &*object.name))
            && dataset.is_some_and(|dataset| !datasets.contains(dataset))
    };
    let gone = all.into_iter().filter(is_gone);
    let dated = gone.map(|object| Object {
        until: last_shown(&object),
        ..object
    });
    Ok(dated.collect())
}

/// What stands for volumes that a group has no name for.
pub(crate) fn nameless(by: CapacityBy) -> &'static str {
    match by {
        CapacityBy::Namespace => "(no claim)",
        CapacityBy::Class => "(no class)",
        CapacityBy::Volume | CapacityBy::Pool => "(no name)",
    }
}

pub(crate) fn named((of, name): &Key, by: CapacityBy) -> String {
    let name = name
        .as_deref()
        .map_or_else(|| nameless(by).to_owned(), visible);
    match of {
        Some(of) => format!("{name} of {}", visible(of)),
        None => name,
    }
}

impl Answer<'_> {
    fn text(&self) -> String {
        let mut text = frame::head(self.estate) + &frame::what_if(self.args);
        text += "Used is data and snapshots, as `cost` has it. ";
        text += &format!("Growth rests on {LOOK_BACK_DAYS} days.\n");
        if self.lines.is_empty() {
            text += "\nThere are no volumes.\n";
        }
        for line in &self.lines {
            text += &self.line_text(line);
        }
        if self.n_more > 0 {
            let n = self.n_more;
            text += &format!("\nand {n} more; `--top` or `--format csv` show more\n");
        }
        text += &near::text(&self.near, self.since, self.most);
        text + &frame::gaps(&self.gaps)
    }

    fn line_text(&self, line: &Line) -> String {
        let mut text = format!("\n{}\n", named(&line.key, self.by));
        let used = plain(&Number::bytes(line.used_bytes, Round::Up));
        text += &match &line.facts {
            Some(facts) => facts_text(facts, &used, line.n_unread > 0),
            None => {
                let volumes = counted(line.n_volumes, "volume", "volumes");
                let rest = match line.n_unread {
                    0 => String::new(),
                    n => format!(", without {n} not read"),
                };
                format!("  used      {used} in {volumes}{rest}\n")
            }
        };
        if let Some(reclaim) = &line.reclaim {
            text += &frame::reclaim(reclaim, "", |freed_bytes| {
                let left = line.used_bytes.saturating_sub(freed_bytes).max(0);
                plain(&Number::bytes(left, Round::Up))
            });
        }
        if let Some(growth) = line.growth.as_ref().filter(|growth| growth.delta() != 0) {
            let since = day(growth.first.0);
            let share = match line.pools_change {
                Some(whole) if whole > 0 && growth.delta() > 0 => {
                    let share = Number::share(growth.delta(), whole, Round::Up);
                    format!(", {} of the growth of its pools", plain(&share))
                }
                _ => String::new(),
            };
            text += &format!(
                "  change    {} since {since}{share}\n",
                change(growth.delta())
            );
        }
        text += &format!("  growth    {}\n", growth(line.growth.as_ref()));
        let trend = line.growth.as_ref().map(|growth| &growth.trend);
        text += &trend.map(frame::since).unwrap_or_default();
        for limit in line.facts.iter().flat_map(limits) {
            let word = limit.kind.word();
            text += &format!("  {word:<8}  {}\n", limit.fill());
            text += &format!("  full      {}\n", limit.date());
            if let Some(missed) = limit.missed() {
                text += &format!("  missed    {missed}\n");
            }
        }
        text
    }
}

fn limits(facts: &Facts) -> impl Iterator<Item = &Limit> {
    facts.limit.iter().chain(&facts.inodes)
}

fn facts_text(facts: &Facts, used: &str, is_unread: bool) -> String {
    let object = &facts.object;
    let claim = object.namespace.as_ref().zip(object.claim.as_ref());
    let claim = claim
        .map(|(namespace, claim)| {
            format!("  claim     {}/{}\n", visible(namespace), visible(claim))
        })
        .unwrap_or_default();
    match &object.unread {
        Some(reason) => format!("{claim}  used      not read: {}\n", visible(reason)),
        None if is_unread => format!("{claim}  used      not read\n"),
        None => format!("{claim}  used      {used}\n"),
    }
}
