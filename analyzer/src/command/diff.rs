//! `diff`: two moments side by side.

mod print;

use std::path::Path;

use anyhow::{anyhow, ensure};
use truenas_common::exit::Exit;

use super::Looked;
use super::stdout::{out, outln};
use crate::analysis::{Analysis, AnalysisError};
use crate::cli::{Diff, Input, Print};
use crate::diff::diff;
use crate::history::Estate;

pub(crate) fn run(args: &Diff) -> anyhow::Result<Exit> {
    let (before, after) = sides(args)?;
    let (from, to) = (&before.estate, &after.estate);
    ensure!(
        from.domain == to.domain,
        "names of the domains `{}` and `{}` cannot be compared",
        from.domain,
        to.domain
    );
    let differences = diff(&before, &after);
    match args.format {
        Print::Text => out!("{}", print::text(&before, &after, &differences)),
        Print::Json => outln!("{:#}", print::json(&before, &after, &differences)),
        Print::Csv => out!("{}", print::csv(&differences)),
    }
    Ok(Exit::Ok)
}

/// Both sides; what is no path is a moment of the history, which is read once.
fn sides(args: &Diff) -> anyhow::Result<(Analysis, Analysis)> {
    let input = |paths: Vec<std::path::PathBuf>, at: Option<String>| Input {
        history: if paths.is_empty() {
            args.history.clone()
        } else {
            None
        },
        paths,
        domain: args.domain.clone(),
        at,
        config: args.config.clone(),
        keys: args.keys.clone(),
    };
    let of_path = |text: &str| Path::new(text).exists().then(|| vec![text.into()]);
    let look = |text: &str| match of_path(text) {
        Some(paths) => super::look(&input(paths, None)),
        None if args.history.is_none() => Err(anyhow!(
            "`{text}` is no bundle; a number or a time needs --history DIR"
        )),
        None => super::look(&input(Vec::new(), Some(text.to_owned()))),
    };
    let Looked {
        analysis: after,
        history,
        settings,
        ..
    } = look(&args.after)?;
    let is_moment = |text: &str| of_path(text).is_none();
    if !(is_moment(&args.before) && is_moment(&args.after)) {
        return Ok((look(&args.before)?.analysis, after));
    }
    let domain = after.estate.domain.clone();
    let time = super::moment(&history, &domain, &args.before)?;
    let estate = Estate::at(&history, &domain, Some(time)).map_err(AnalysisError::Estate)?;
    if estate.bundles.is_empty() {
        return Err(AnalysisError::Empty { domain }.into());
    }
    let before = Analysis::set(estate, after.checks.clone(), &settings)?;
    Ok((before, after))
}
