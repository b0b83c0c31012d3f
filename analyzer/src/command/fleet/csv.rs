//! The fleet as a table: raw values, a row for each site.

use truenas_common::time::Time;

use super::Answer;
use crate::command::csv_line;
use crate::fleet::{Domain, SEVERITIES, Site, Sum};

/// A row for each site in its order, then one for each domain that could not be analysed and has none.
pub(super) fn csv(answer: &Answer) -> String {
    let mut text = csv_line(&header());
    let sites = &answer.fleet.sites;
    for (index, site) in sites.iter().take(answer.top).enumerate() {
        text += &csv_line(&cells(answer, index + 1, site));
    }
    let width = header().len();
    for domain in &answer.fleet.domains {
        let has_rows = sites.iter().any(|site| site.domain == domain.name);
        if let (Err(reason), false) = (&domain.figures, has_rows) {
            let mut line = vec![String::new(); width];
            line[1].clone_from(&domain.name);
            line[width - 1].clone_from(reason);
            text += &csv_line(&line);
        }
    }
    text
}

fn header() -> Vec<String> {
    let start = [
        "rank",
        "domain",
        "site",
        "cluster",
        "cluster_name",
        "state",
        "n_missed",
        "expected_every_secs",
        "age_secs",
        "newest_bundle",
        "newest_at",
        "n_lists_planned",
        "n_lists_complete",
        "n_pvs",
        "n_volumes",
        "n_snapshots",
        "n_appliances",
        "n_pools",
        "n_pools_unread",
        "used_bytes",
        "size_bytes",
        "fullest_appliance",
        "fullest_pool",
        "fullest_used_bytes",
        "fullest_size_bytes",
    ];
    let severities = SEVERITIES.map(|severity| severity.word());
    let findings = severities.map(|word| [format!("n_{word}"), format!("n_{word}_confirmed")]);
    let end = [
        "n_not_evaluated",
        "domain_lowest_category",
        "domain_lowest_score",
        "collector_version",
        "remarks",
        "not_analysed",
    ];
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    [owned(&start), findings.concat(), owned(&end)].concat()
}

fn cells(answer: &Answer, rank: usize, site: &Site) -> Vec<String> {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let (chain, held) = (&site.chain, site.held.as_ref());
    let domain = domain_of(answer, site);
    let mut cells = vec![
        rank.to_string(),
        site.domain.clone(),
        site.site.clone(),
        text(site.cluster.as_ref()),
        text(site.cluster_name.as_ref()),
        site.state.word().to_owned(),
        number(site.n_missed),
        number(chain.state.expected_every_secs),
        site.age_secs.to_string(),
        chain.bundle.clone(),
        Time::from_unix_secs(chain.state.newest_at).to_string(),
        chain.n_planned.to_string(),
        chain.n_complete.to_string(),
        number(held.and_then(|held| held.n_pvs)),
        number(held.and_then(|held| held.n_volumes)),
        number(held.and_then(|held| whole(held.snapshots))),
        held.map(|held| held.appliances.len().to_string())
            .unwrap_or_default(),
    ];
    cells.extend(match held.map(|held| held.space) {
        Some(space) => [
            space.n_pools.to_string(),
            space.n_unread.to_string(),
            space.used_bytes.to_string(),
            space.size_bytes.to_string(),
        ],
        None => Default::default(),
    });
    cells.extend(match held.and_then(|held| held.fullest.as_ref()) {
        Some(fullest) => [
            fullest.appliance.clone(),
            fullest.pool.clone(),
            fullest.used_bytes.to_string(),
            fullest.size_bytes.to_string(),
        ],
        None => Default::default(),
    });
    let counts = held.and_then(|held| held.findings.as_ref());
    for severity in SEVERITIES {
        let count = counts.map(|counts| counts.at(severity));
        cells.extend(match count {
            Some(count) => [count.n.to_string(), count.n_confirmed.to_string()],
            None => Default::default(),
        });
    }
    let judged = domain.and_then(|domain| domain.figures.as_ref().ok()?.judged.as_ref());
    let blind = judged.and(held).map(|held| held.n_blind.to_string());
    let lowest = judged.and_then(|judged| judged.lowest);
    let reason = domain.and_then(|domain| domain.figures.as_ref().err());
    cells.extend([
        blind.unwrap_or_default(),
        lowest
            .map(|(category, _)| category.to_owned())
            .unwrap_or_default(),
        lowest
            .map(|(_, score)| score.to_string())
            .unwrap_or_default(),
        chain.version.clone(),
        answer.remarks(site).join("; "),
        text(reason),
    ]);
    cells
}

fn domain_of<'a>(answer: &'a Answer, site: &Site) -> Option<&'a Domain> {
    let mut domains = answer.fleet.domains.iter();
    domains.find(|domain| domain.name == site.domain)
}

/// A sum that nothing is missing from.
fn whole(sum: Sum) -> Option<i64> {
    (sum.n_unread == 0).then_some(sum.n)
}
