//! Time of the checks over an estate with all faults, of the estate itself, and of taking in the next bundle.

use std::time::Instant;

use anyhow::Context as _;
use truenas_analyzer::analysis::Analysis;
use truenas_analyzer::bundles::ingest;
use truenas_analyzer::checks::{Overrides, built_in_views, run_check};
use truenas_analyzer::history::{Estate, History};
use truenas_analyzer::query::Session;
use truenas_analyzer::{bundles, tables};
use truenas_common::bundle::Limits;

use crate::estate::{Collected, SITE};
use crate::figure::{Figure, Target, median};

const PART: &str = "checks";

const N_RUNS: usize = 5;

/// Checks and views that are named, slowest first.
const N_SLOWEST: usize = 10;

pub(crate) fn measure(collected: &Collected) -> anyhow::Result<Vec<Figure>> {
    let mut figures = vec![next_bundle(collected)?];
    let history = collected.site.ingest(true)?;
    let first = history
        .streams()
        .flat_map(|(_, stream)| stream.bundles())
        .map(|entry| entry.ended_at)
        .min();
    figures.push(
        Figure::new(
            PART,
            "estate at the first bundle",
            middle(|| Ok(Estate::at(&history, SITE, first)?))?.0,
            "s",
        )
        .beside(Target::AtMost(0.1)),
    );
    let (secs, analysis) = middle(|| Ok(Analysis::run(&history, SITE, None, &Overrides::new())?))?;
    let size = collected.size;
    let what = format!(
        "all {} checks, {} volumes, {} snapshots",
        analysis.checks.len(),
        size.volumes,
        size.snapshots
    );
    figures.push(Figure::new(PART, what, secs, "s").beside(Target::Below(2.0)));
    figures.push(Figure::new(
        PART,
        "findings",
        analysis.findings().count() as f64,
        "",
    ));
    let mut slowest = views(&analysis)?;
    for check in &analysis.checks {
        let started = Instant::now();
        run_check(check, &analysis.input());
        slowest.push((started.elapsed().as_secs_f64(), check.page.id.clone()));
    }
    slowest.sort_by(|left, right| right.0.total_cmp(&left.0));
    let named = slowest.into_iter().take(N_SLOWEST);
    figures
        .extend(named.map(|(secs, name)| Figure::new(PART, format!("slowest: {name}"), secs, "s")));
    Ok(figures)
}

/// The middle time of several runs, and what the last one gave.
fn middle<T>(mut run: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<(f64, T)> {
    let mut timed = || {
        let started = Instant::now();
        run().map(|value| (started.elapsed().as_secs_f64(), value))
    };
    let (secs, mut value) = timed()?;
    let mut all = vec![secs];
    for _ in 1..N_RUNS {
        let (secs, again) = timed()?;
        all.push(secs);
        value = again;
    }
    Ok((median(all), value))
}

/// Time of each view that the checks read, in the order in which they need each other.
fn views(analysis: &Analysis) -> anyhow::Result<Vec<(f64, String)>> {
    let catalog = tables::catalog();
    let mut session = Session::new(catalog.clone());
    for (name, frame) in &analysis.estate.frames {
        let columns = catalog.tables.get(name).cloned().unwrap_or_default();
        session.register(name, frame.clone(), columns)?;
    }
    let mut times = Vec::new();
    for view in analysis.session.views() {
        let mut built_in = built_in_views().iter();
        let text = built_in.find(|text| text.name == view.name);
        let started = Instant::now();
        session.create_view(&view.name, &text.context("a view of nobody")?.sql)?;
        times.push((
            started.elapsed().as_secs_f64(),
            format!("view {}", view.name),
        ));
    }
    Ok(times)
}

/// What the last bundle costs a history of all others, beyond reading it.
fn next_bundle(collected: &Collected) -> anyhow::Result<Figure> {
    let limits = Limits::default();
    let (sites, identities) = (collected.trust()?, [collected.identity()?]);
    let files = collected.bundles()?;
    let (last, others) = files.split_last().context("no bundle")?;
    let folder = collected.folder.join("history-of-others");
    let mut history = History::open(&folder)?;
    ingest(&mut history, others, &sites, &identities, &limits, |_| {})?;
    history.commit()?;
    drop(history);

    let read = bundles::open(&bundles::load(last, &limits)?, &sites, &identities, &limits)?;
    let started = Instant::now();
    let mut history = History::open_tail(&folder)?;
    history.ingest(SITE, &read.opened, read.observation)?;
    history.commit()?;
    let secs = started.elapsed().as_secs_f64();
    Ok(Figure::new(PART, "the next bundle, beyond parsing", secs, "s").beside(Target::AtMost(0.5)))
}
