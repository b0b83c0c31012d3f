//! `checks`: the catalogue, one page of it, and checks of one's own.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use truenas_common::exit::Exit;

use super::stdout::{out, outln};
use crate::analysis::Analysis;
use crate::checks::{self, Check};
use crate::cli::{Checks, ChecksRun, Print};
use crate::query::Limits;
use crate::settings::Settings;
use crate::tables;

/// Bounds of each statement of checks that somebody else wrote.
const OWN: Limits = Limits {
    rows: 100_000,
    bytes: 1 << 30,
    time: Some(Duration::from_secs(30)),
};

pub(crate) fn run(args: &Checks) -> anyhow::Result<Exit> {
    match args {
        Checks::List { format } => list(*format),
        Checks::Explain { id } => explain(id),
        Checks::Run(args) => run_own(args),
        Checks::Test { folder, views } => test(folder, views.as_deref()),
    }
}

fn list(format: Print) -> anyhow::Result<Exit> {
    let checks = checks::built_in()?;
    let cells = |check: &Check| {
        let page = &check.page;
        [
            page.id.clone(),
            page.severity.word().to_owned(),
            page.title.clone(),
        ]
    };
    match format {
        Print::Text => checks
            .iter()
            .map(cells)
            .for_each(|[id, severity, title]| outln!("{id:<8} {severity:<9} {title}")),
        Print::Csv => {
            out!(
                "{}",
                super::csv_line(&["check", "severity", "title"].map(str::to_owned))
            );
            checks
                .iter()
                .for_each(|check| out!("{}", super::csv_line(&cells(check))));
        }
        Print::Json => {
            let rows = checks.iter().map(|check| {
                let [id, severity, title] = cells(check);
                serde_json::json!({"check": id, "severity": severity, "title": title, "needs": check.page.needs})
            });
            outln!("{:#}", serde_json::Value::from_iter(rows));
        }
    }
    Ok(Exit::Ok)
}

fn explain(id: &str) -> anyhow::Result<Exit> {
    let wanted = id.to_ascii_uppercase();
    let check = checks::built_in()?
        .into_iter()
        .find(|check| check.page.id == wanted)
        .ok_or_else(|| {
            anyhow!("there is no check `{wanted}`; `truenas-analyzer checks list` names them all")
        })?;
    let page = &check.page;
    outln!("{}  {}  {}", page.id, page.severity.word(), page.title);
    outln!("needs {}", page.needs.join(", "));
    for (name, threshold) in &page.thresholds {
        let (default, unit) = (&threshold.default, &threshold.unit);
        outln!("{name} = {default} {unit} ({})", threshold.authority);
    }
    for (item, when) in &page.when {
        let holds =
            |(column, words): (&String, &Vec<String>)| format!("{column} {}", words.join(" or "));
        let all: Vec<String> = when.iter().map(holds).collect();
        outln!("item {item} of the fix is for {}", all.join(", "));
    }
    let traps = page.traps.as_deref().unwrap_or("None known.");
    for (title, text) in [
        ("What", page.what.as_str()),
        ("Why", &page.why),
        ("Fix", &page.fix),
        ("Traps", traps),
        ("SQL", &check.sql),
    ] {
        outln!("\n{title}\n\n{}", text.trim());
    }
    Ok(Exit::Ok)
}

fn run_own(args: &ChecksRun) -> anyhow::Result<Exit> {
    let own = checks::read_checks(&args.folder)?;
    let own: Vec<Check> = own.into_iter().map(|(check, _)| check).collect();
    let (estate, _, _) = super::estate(&args.check.input)?;
    // A configuration may also set what only the built-in checks have.
    let mut known = own.clone();
    known.extend(checks::built_in()?);
    let settings = Settings {
        limits: OWN,
        ..super::config(&args.check.input)?.settings(&known)?
    };
    let analysis = Analysis::set(estate, own, &settings)?;
    super::check::answer(analysis, None, &args.check)
}

/// Runs the cases of every check of a folder.
fn test(folder: &Path, views: Option<&Path>) -> anyhow::Result<Exit> {
    let views = match views {
        Some(views) => checks::read_views(views)?,
        None => checks::built_in_views().to_vec(),
    };
    let catalog = tables::catalog();
    let (mut n_cases, mut n_failures) = (0, 0);
    for (check, directory) in checks::read_checks(folder)? {
        let cases = checks::read_cases(&directory)
            .with_context(|| format!("cannot read the cases of `{}`", directory.display()))?;
        let failures = checks::run_cases(&check, &cases, &views, &catalog);
        n_cases += cases.len();
        n_failures += failures.len();
        let word = if failures.is_empty() { "ok" } else { "FAILED" };
        outln!("{:<8} {word:<6} {} cases", check.page.id, cases.len());
        for failure in failures {
            outln!("    {}: {}", failure.case, failure.reason);
        }
    }
    outln!("{n_cases} cases, {n_failures} failures");
    Ok(if n_failures == 0 {
        Exit::Ok
    } else {
        Exit::Findings
    })
}
