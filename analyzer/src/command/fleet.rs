//! `fleet`: all sites of a history side by side. One domain is opened, judged and closed before the next, so memory follows
//! the largest domain and not their number; one that cannot be opened costs its own rows.

mod csv;
mod json;
mod line;
mod read;
#[cfg(test)]
mod tests;
mod text;

use anyhow::{anyhow, ensure};
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use super::stdout::{out, outln};
use crate::checks;
use crate::cli::{Fleet, FleetBy, Print};
use crate::config::Config;
use crate::fleet::{self, By, Options};
use crate::history::History;
use crate::settings::Settings;
use crate::trust::{self, Site};

/// Rows that a text lists when no other number is asked for.
const TOP: usize = 20;

/// What the domains are read with.
struct Asked<'a> {
    args: &'a Fleet,
    at: Option<i64>,
    settings: Settings,
}

/// Everything that the command says.
struct Answer {
    fleet: fleet::Fleet,
    config: Config,
    /// Trusted sites, for the chains that somebody accepted.
    trusted: Vec<Site>,
    /// Rows of each list.
    top: usize,
}

pub(crate) fn run(args: &Fleet) -> anyhow::Result<Exit> {
    ensure!(
        args.history.is_dir(),
        "history `{}` does not exist; make it with `truenas-analyzer ingest`",
        args.history.display()
    );
    let at = args.at.as_deref().map(moment).transpose()?;
    let by = order(args)?;
    let config = args.config.as_deref().map(Config::read).transpose()?;
    let config = config.unwrap_or_default();
    let asked = Asked {
        args,
        at,
        settings: config.settings(&checks::built_in()?)?,
    };
    let mut domains = Vec::new();
    for name in History::domains(&args.history)? {
        domains.extend(read::domain(&name, &asked)?);
    }
    ensure!(
        !domains.is_empty(),
        match at {
            None => "the history is empty; add bundles with `truenas-analyzer ingest`",
            Some(_) => "no bundle is in the history up to that time; give a later one with --at",
        }
    );
    let options = Options {
        at,
        stale_after: args.stale_after,
        by,
    };
    let trusted = super::trust_folder(args.trust.as_deref())
        .and_then(|folder| Ok(trust::read(&folder)?))
        .unwrap_or_default();
    let is_text = args.format == Print::Text;
    let answer = Answer {
        fleet: fleet::fleet(domains, options),
        config,
        trusted,
        top: args.top.unwrap_or(if is_text { TOP } else { usize::MAX }),
    };
    match args.format {
        Print::Text => out!("{}", text::text(&answer)),
        Print::Csv => out!("{}", csv::csv(&answer)),
        Print::Json => outln!("{:#}", json::json(&answer)),
    }
    Ok(if answer.fleet.is_whole() {
        Exit::Ok
    } else {
        Exit::NotEvaluated
    })
}

fn moment(text: &str) -> anyhow::Result<i64> {
    let time = Time::parse(text).map(Time::unix_secs);
    time.ok_or_else(|| {
        anyhow!(
            "`{text}` is no time such as 2026-11-23T00:00:00Z; numbers of bundles differ by site"
        )
    })
}

fn order(args: &Fleet) -> anyhow::Result<By> {
    ensure!(
        !(args.no_checks && args.by == Some(FleetBy::Findings)),
        "--by findings needs the checks; leave --no-checks out"
    );
    Ok(match args.by {
        Some(FleetBy::Findings) => By::Findings,
        Some(FleetBy::Fill) => By::Fill,
        Some(FleetBy::Stale) => By::Stale,
        Some(FleetBy::Volumes) => By::Volumes,
        None if args.no_checks => By::Fill,
        None => By::Findings,
    })
}

impl Answer {
    /// What is to be said of the order of a site's bundles, worst first.
    fn remarks(&self, site: &fleet::Site) -> Vec<String> {
        let state = &site.chain.state;
        let trusted = self.trusted.iter();
        let accepted = trusted
            .filter(|trusted| trusted.name.as_str() == site.site)
            .find_map(|trusted| trusted.chains.get(&state.stream));
        super::chain::order(state, accepted.map(String::as_str))
    }
}
