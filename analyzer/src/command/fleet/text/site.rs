//! One row for each site, and what stands below it.

use truenas_common::time::Time;

use super::{more, names, severities};
use crate::command::counted;
use crate::command::fleet::Answer;
use crate::command::fleet::line::{count, fill, plain, read, space, sum, wrapped};
use crate::fleet::{Held, SEVERITIES, Site};
use crate::report::escape::visible;
use crate::report::number::{Number, Round};

/// Remarks about one chain that a text prints; `chain list` has all of them.
const MAX_REMARKS: usize = 3;

/// The sites in their order.
pub(super) fn sites(answer: &Answer) -> String {
    let fleet = &answer.fleet;
    let mut text = format!(
        "\nOrder: {}; ties by name.\n{:>4}  {:<17} {:>6} {:>8} {:>5} {:>9} {:>8}  {}\n",
        fleet.by.words(),
        "#",
        "state",
        "missed",
        "critical",
        "high",
        "fullest",
        "volumes",
        "newest"
    );
    for (index, site) in fleet.sites.iter().take(answer.top).enumerate() {
        text += &site_lines(answer, index + 1, site);
    }
    text + &more(fleet.sites.len(), answer.top, "site", "sites")
}

fn site_lines(answer: &Answer, number: usize, site: &Site) -> String {
    let counts = site.held.as_ref().and_then(|held| held.findings.as_ref());
    let n = |severity: usize| {
        counts.map_or_else(String::new, |counts| {
            counts.at(SEVERITIES[severity]).n.to_string()
        })
    };
    let held = site.held.as_ref();
    let fullest = held.map_or_else(String::new, |held| fill(held.fullest.as_ref()));
    let volumes = held.map(|held| held.n_volumes.map_or("not read".to_owned(), count));
    let missed = site.n_missed.map_or_else(|| "?".to_owned(), count);
    let newest = Time::from_unix_secs(site.chain.state.newest_at).day();
    let mut text = format!(
        "{number:>4}  {:<17} {missed:>6} {:>8} {:>5} {fullest:>9} {:>8}  {newest}\n",
        site.state.word(),
        n(0),
        n(1),
        volumes.unwrap_or_default(),
    );
    text += &wrapped(6, &names(answer, site));
    text += &wrapped(6, &order(site));
    match held {
        Some(held) => text += &held_lines(held),
        None => text += "      its domain could not be analysed\n",
    }
    let remarks = answer.remarks(site);
    for remark in remarks.iter().take(MAX_REMARKS) {
        text += &format!("      {}\n", visible(remark));
    }
    if remarks.len() > MAX_REMARKS {
        let n = remarks.len() - MAX_REMARKS;
        text += &format!("      and {n} more; `chain list` has them\n");
    }
    text
}

fn order(site: &Site) -> Vec<String> {
    let age = plain(&Number::duration(site.age_secs, Round::Up));
    let every = match site.chain.state.expected_every_secs {
        Some(every) => format!("due every {}", plain(&Number::duration(every, Round::Down))),
        None => "no schedule declared".to_owned(),
    };
    let (n_complete, n_planned) = (site.chain.n_complete, site.chain.n_planned);
    vec![
        format!("newest bundle {age} old"),
        every,
        format!("{n_complete} of {n_planned} lists complete"),
    ]
}

fn held_lines(held: &Held) -> String {
    let holdings = [
        read(held.n_pvs, "PV", "PVs"),
        sum(held.snapshots, "snapshot", "snapshots"),
        counted(held.appliances.len(), "appliance", "appliances"),
        space(held.space),
    ];
    let mut text = wrapped(6, &holdings);
    if let Some(counts) = &held.findings {
        let mut words = severities(counts);
        if held.n_blind > 0 {
            let checks = counted(held.n_blind, "check", "checks");
            words.push(format!("{checks} not evaluated"));
        }
        text += &wrapped(6, &words);
    }
    text
}
