//! What is to be said of the order of the bundles that the report rests on.

use super::Context;
use crate::history::{ChainState, chains, key_contradiction};
use crate::report::model::Prose;

/// One sentence for each thing that makes the conclusions weaker.
pub(super) fn limits(context: &Context<'_>) -> Vec<Prose> {
    let estate = &context.analysis.estate;
    let accepted = context.options.accepted_chains;
    let states = chains(context.history, &estate.domain, estate.now);
    let mut limits: Vec<Prose> = states
        .iter()
        .flat_map(|chain| sentences(chain, accepted.contains(&chain.stream)))
        .collect();
    if key_contradiction(context.history, &estate.domain).is_some() {
        limits.push(Prose::words(
            "Bundles of this domain were made with different pseudonym keys: one object has two names, and absences across \
             sites prove nothing.",
        ));
    }
    limits
}

fn sentences(chain: &ChainState, is_accepted: bool) -> Vec<Prose> {
    let site = || Prose::words("Site ").code(&chain.site).text(": ");
    let numbers = |seqs: &[i64]| {
        let seqs: Vec<String> = seqs.iter().map(|seq| format!("{seq:06}")).collect();
        seqs.join(", ")
    };
    let mut sentences = Vec::new();
    if !chain.forks.is_empty() {
        let which = numbers(&chain.forks);
        sentences.push(site().text(&format!(
            "two different bundles carry number {which}; neither is used. The site key may be in use twice."
        )));
    }
    if !chain.broken.is_empty() {
        let which = numbers(&chain.broken);
        sentences.push(site().text(&format!(
            "bundle {which} does not link to the one before it, though both are signed."
        )));
    }
    if let Some(reason) = chain.restart.filter(|_| !is_accepted) {
        sentences.push(site().text(&format!(
            "began a new chain (reason given: {}), and nobody has accepted it here.",
            reason.word()
        )));
    }
    for (from, to) in &chain.gaps {
        sentences.push(site().text(&match from == to {
            true => format!("bundle {from:06} is missing."),
            false => format!("bundles {from:06} to {to:06} are missing."),
        }));
    }
    if !chain.clock_back.is_empty() {
        let which = numbers(&chain.clock_back);
        sentences.push(site().text(&format!(
            "bundle {which} began before the one before it had ended: the collector's clock went back."
        )));
    }
    sentences
}
