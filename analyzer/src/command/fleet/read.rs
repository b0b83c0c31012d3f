//! Reads one domain: its chains, what its bundles hold, and what the checks say.

mod held;
mod judged;

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::schema::Scope;
use truenas_common::tables;

use super::Asked;
use crate::analysis::{Analysis, AnalysisError, session};
use crate::checks;
use crate::command::accepted;
use crate::fleet::{Chain, Collector, Domain, Figures};
use crate::history::{Estate, History, chains, key_contradiction};

/// One domain; nothing when it has no bundle up to the asked time. What fails after the arguments were understood is what
/// is said of it.
///
/// # Errors
/// Suppressions that cannot be used.
pub(super) fn domain(name: &str, asked: &Asked<'_>) -> anyhow::Result<Option<Domain>> {
    let mut domain = Domain {
        name: name.to_owned(),
        collectors: Vec::new(),
        contradiction: None,
        figures: Err(String::new()),
    };
    let folder = &asked.args.history;
    let history = match asked.at {
        Some(_) => History::open_domain(folder, name),
        None => History::open_domain_now(folder, name),
    };
    let history = match history {
        Ok(history) => history,
        Err(error) => {
            domain.figures = Err(words(error));
            return Ok(Some(domain));
        }
    };
    domain.collectors = collectors(&history, name, asked.at);
    if domain.collectors.is_empty() {
        return Ok(None);
    }
    domain.contradiction = key_contradiction(&history, name);
    let estate = Estate::at(&history, name, asked.at).map_err(AnalysisError::Estate);
    domain.figures = match estate {
        Ok(estate) => figures(&history, estate, &domain.collectors, asked)?,
        Err(error) => Err(words(error)),
    };
    Ok(Some(domain))
}

/// An error and its causes in one line.
fn words(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}

/// The chains by site and cluster. A bundle that names no cluster belongs to the one that the chain named before.
fn collectors(history: &History, domain: &str, at: Option<i64>) -> Vec<Collector> {
    let until = at.unwrap_or(i64::MAX);
    let mut collectors: BTreeMap<(String, Option<String>), Vec<Chain>> = BTreeMap::new();
    for state in chains(history, domain, until) {
        let mut streams = history.streams();
        let Some((_, stream)) = streams.find(|((_, id), _)| *id == state.stream) else {
            continue;
        };
        let in_time = || stream.bundles().filter(|entry| entry.ended_at <= until);
        let Some(newest) = in_time().last() else {
            continue;
        };
        let cluster = in_time().filter_map(|entry| entry.cluster.clone()).last();
        let lists = || {
            let lists = stream.lists(newest);
            lists.filter(|list| !list.scope.is_empty() && list.outcome != "unsupported")
        };
        let is_appliance =
            |table: &str| tables::table(table).is_some_and(|table| table.scope == Scope::Appliance);
        let appliances = stream
            .lists(newest)
            .filter(|list| is_appliance(&list.table));
        let chain = Chain {
            bundle: newest.bundle.clone(),
            version: newest.collector.clone(),
            n_planned: lists().count(),
            n_complete: lists().filter(|list| list.is_complete()).count(),
            appliances: appliances.map(|list| list.scope.clone()).collect(),
            state,
        };
        let key = (chain.state.site.clone(), cluster);
        collectors.entry(key).or_default().push(chain);
    }
    let collector = |((site, cluster), chains)| Collector {
        site,
        cluster,
        chains,
    };
    collectors.into_iter().map(collector).collect()
}

fn figures(
    history: &History,
    mut estate: Estate,
    collectors: &[Collector],
    asked: &Asked<'_>,
) -> anyhow::Result<Result<Figures, String>> {
    if asked.args.no_checks {
        let session = asked
            .settings
            .declare(&mut estate)
            .map_err(AnalysisError::Estate)
            .and_then(|()| session(&estate, BTreeSet::from([held::JOIN.to_owned()])));
        return Ok(match session {
            Ok(session) => held::held(history, &estate, &session, collectors).map_err(words),
            Err(error) => Err(words(error)),
        });
    }
    let analysis = Analysis::set(estate, checks::built_in()?, &asked.settings);
    let mut analysis = match analysis {
        Ok(analysis) => analysis,
        Err(error) => return Ok(Err(words(error))),
    };
    accepted::apply(&asked.args.accepted, &mut analysis)?;
    // The view is there because the checks of orphans read it.
    let held = held::held(history, &analysis.estate, &analysis.session, collectors);
    Ok(held.map_err(words).map(|figures| Figures {
        judged: Some(judged::judged(&analysis)),
        ..figures
    }))
}
