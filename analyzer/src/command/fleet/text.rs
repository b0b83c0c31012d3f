//! The fleet for people, 80 columns wide.

mod domain;
mod site;

use truenas_common::time::Time;

use super::Answer;
use super::line::{findings, space, sum, wrapped};
use crate::command::counted;
use crate::fleet::{Counts, SEVERITIES, Site, Totals};
use crate::report::escape::visible;

/// All of it: the totals, the sites in their order, and what stands beside them.
pub(super) fn text(answer: &Answer) -> String {
    let mut text = head(answer);
    text += &site::sites(answer);
    text += &domain::silent(answer);
    text += &domain::domains(answer);
    text += &domain::appliances(answer);
    text + &domain::versions(answer)
}

fn head(answer: &Answer) -> String {
    let (fleet, totals) = (&answer.fleet, &answer.fleet.totals);
    let whose = match &fleet.now_of {
        Some(site) => format!("the newest bundle, of site {}", visible(site)),
        None => "the time that was asked for".to_owned(),
    };
    let now = Time::from_unix_secs(fleet.now);
    let mut text = wrapped(0, &scale(totals));
    text += &wrapped(0, &[format!("Ages count to {now}"), whose]);
    text += &wrapped(0, &states(totals));
    text += &wrapped(0, &holdings(totals));
    text + &match &totals.findings {
        Some(counts) => wrapped(0, &severities(counts)),
        None => "No check was run, so nothing is said of findings.\n".to_owned(),
    }
}

fn scale(totals: &Totals) -> Vec<String> {
    vec![
        counted(totals.n_domains, "domain", "domains"),
        counted(totals.n_sites, "site", "sites"),
        counted(totals.n_clusters, "cluster", "clusters"),
        format!(
            "{} (shared: {})",
            counted(totals.n_appliances, "appliance", "appliances"),
            totals.n_shared
        ),
    ]
}

fn states(totals: &Totals) -> Vec<String> {
    let states = totals.states.iter();
    states
        .map(|(state, n)| format!("{n} {}", state.word()))
        .collect()
}

fn holdings(totals: &Totals) -> Vec<String> {
    vec![
        sum(totals.volumes, "volume", "volumes"),
        sum(totals.pvs, "PV", "PVs"),
        sum(totals.snapshots, "snapshot", "snapshots"),
        space(totals.space),
    ]
}

fn severities(counts: &Counts) -> Vec<String> {
    SEVERITIES
        .into_iter()
        .map(|severity| findings(counts.at(severity), severity.word()))
        .collect()
}

fn more(n: usize, top: usize, one: &str, many: &str) -> String {
    match n.saturating_sub(top) {
        0 => String::new(),
        n => format!("  and {} more; --top N lists them\n", counted(n, one, many)),
    }
}

/// Who it is. The name of the cluster is a pseudonym as its uid is, and shorter.
fn names(answer: &Answer, site: &Site) -> Vec<String> {
    let cluster = match (&site.cluster_name, &site.cluster) {
        (Some(name), _) => visible(name),
        (None, Some(uid)) => format!("cluster {}", visible(uid)),
        (None, None) => "no cluster named".to_owned(),
    };
    let domain = format!("domain {}", domain_name(answer, &site.domain));
    vec![visible(&site.site), cluster, domain]
}

/// A domain with the word that the configuration has for it.
fn domain_name(answer: &Answer, domain: &str) -> String {
    match answer.config.domains.get(domain) {
        Some(word) => format!("{} ({})", visible(domain), visible(word)),
        None => visible(domain),
    }
}
