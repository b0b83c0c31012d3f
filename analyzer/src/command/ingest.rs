//! `ingest`: verified bundles enter the history; refused ones are named and leave no trace.

use std::io::IsTerminal as _;

use truenas_common::Chain;
use truenas_common::bundle::{Limits, LinkVerdict};
use truenas_common::exit::Exit;

use crate::bundles::{self, BundleError};
use crate::cli::Ingest;
use crate::history::History;

pub(crate) fn run(args: &Ingest, is_quiet: bool) -> anyhow::Result<Exit> {
    let (sites, identities) = super::keys(&args.keys)?;
    let files = bundles::find(&args.paths)?;
    let mut history = History::open_tail(&args.history)?;
    let bar = indicatif::ProgressBar::new(files.len() as u64);
    if is_quiet || !std::io::stderr().is_terminal() {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    let ingest = bundles::ingest(
        &mut history,
        &files,
        &sites,
        &identities,
        &Limits::default(),
        |_| bar.inc(1),
    )?;
    bar.finish_and_clear();
    history.commit()?;
    for (bundle, ingested) in &ingest.done {
        println!("{bundle}  {}", words(&ingested.verdict, ingested.n_rows));
        if !ingested.incomplete.is_empty() {
            println!(
                "{bundle}  incomplete lists: {}",
                ingested.incomplete.join(", ")
            );
        }
    }
    for (bundle, files) in &ingest.rejected {
        for file in files {
            println!("{bundle}  not ingested: {} ({})", file.path, file.reason);
        }
    }
    let mut exit = if ingest.is_broken() {
        Exit::Refused
    } else {
        Exit::Ok
    };
    for (path, error) in &ingest.refused {
        eprintln!("truenas-analyzer: {}", Chain(error));
        let is_refused = matches!(error, BundleError::Refused(_));
        exit = exit.worst(if is_refused {
            Exit::Refused
        } else {
            Exit::Usage
        });
        tracing::debug!(path = %path.display(), "bundle refused");
    }
    Ok(exit)
}

fn words(verdict: &LinkVerdict, n_rows: usize) -> String {
    match verdict {
        LinkVerdict::Linked => format!("ok   {n_rows} rows"),
        LinkVerdict::Duplicate => "ok   already in the history".to_owned(),
        LinkVerdict::Gap { from, to } => {
            let missing = super::numbers(*from, *to);
            format!("ok   {n_rows} rows; {missing} missing; ask the site, late ones can be added any time")
        }
        LinkVerdict::Fork { .. } => {
            "fork: two different bundles carry this number; both kept, neither used; the site key may be in use twice"
                .to_owned()
        }
        LinkVerdict::Broken { seq } => format!("broken: does not link to bundle {seq:06}"),
        _ => "place in the chain is not known".to_owned(),
    }
}
