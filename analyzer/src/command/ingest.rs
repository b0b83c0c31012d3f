//! `ingest`: verified bundles enter the history; refused ones are named and leave no trace.

use std::io::IsTerminal as _;

use truenas_common::Chain;
use truenas_common::bundle::{Limits, LinkVerdict};
use truenas_common::exit::Exit;

use super::stdout::outln;
use crate::bundles::{self, BundleError};
use crate::cli::Ingest;
use crate::history::{History, HistoryLock, chains, key_contradiction};
use crate::trust::Site;

pub(crate) fn run(args: &Ingest, is_quiet: bool) -> anyhow::Result<Exit> {
    let (sites, identities) = super::keys(&args.keys)?;
    let files = bundles::find(&args.paths)?;
    let _lock = HistoryLock::take(&args.history)?;
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
        outln!("{bundle}  {}", words(&ingested.verdict, ingested.n_rows));
        if !ingested.incomplete.is_empty() {
            outln!(
                "{bundle}  incomplete lists: {}",
                ingested.incomplete.join(", ")
            );
        }
    }
    for (bundle, files) in &ingest.rejected {
        for file in files {
            outln!("{bundle}  not ingested: {} ({})", file.path, file.reason);
        }
    }
    for warning in warnings(&history, &sites) {
        eprintln!("truenas-analyzer: warning: {warning}");
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

/// What the chains of the whole history say that nobody has accepted yet.
fn warnings(history: &History, sites: &[Site]) -> Vec<String> {
    let mut domains: Vec<&String> = history.streams().map(|((domain, _), _)| domain).collect();
    domains.dedup();
    let mut warnings = Vec::new();
    for domain in domains {
        for chain in chains(history, domain, i64::MAX) {
            let site = sites.iter().find(|site| site.name.as_str() == chain.site);
            let is_accepted = site.is_some_and(|site| site.chains.contains_key(&chain.stream));
            if let Some(reason) = chain.restart.filter(|_| !is_accepted) {
                warnings.push(format!(
                    "{} began a new chain (reason given: {}); when the site confirms it: truenas-analyzer chain accept {} \
                     --stream {} --reason TEXT",
                    chain.site,
                    reason.word(),
                    chain.site,
                    chain.stream
                ));
            }
            if let Some(seq) = chain.clock_back.last() {
                warnings.push(format!(
                    "{}: bundle {seq:06} began before the one before it had ended: the collector's clock went back",
                    chain.site
                ));
            }
        }
        if let Some((one, other)) = key_contradiction(history, domain) {
            warnings.push(format!(
                "domain `{domain}`: {one} and {other} were made with different pseudonym keys, so their names cannot be \
                 joined; give one site another domain with `trust add --domain`, and ingest into an empty folder"
            ));
        }
    }
    warnings
}

/// What became of a bundle, for people.
pub(super) fn words(verdict: &LinkVerdict, n_rows: usize) -> String {
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
        LinkVerdict::Broken { seq } => format!(
            "broken: does not link to bundle {seq:06}, though both are signed; kept, and marked in every report; ask the \
             site which of the two it made"
        ),
        _ => "place in the chain is not known".to_owned(),
    }
}
