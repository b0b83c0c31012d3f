//! What stands beside the sites: silence, domains, appliances, versions.

use truenas_common::time::Time;

use super::{domain_name, more, names};
use crate::command::counted;
use crate::command::fleet::Answer;
use crate::command::fleet::line::{count, plain, read, share, used, wrapped};
use crate::fleet::{Domain, SharedAppliance, User};
use crate::report::escape::visible;
use crate::report::number::Number;

/// Lists that were not read to their end that a text prints.
const MAX_HOLES: usize = 10;

/// Sites that missed too many runs, and those of which nobody can tell.
pub(super) fn silent(answer: &Answer) -> String {
    let runs = match answer.fleet.stale_after {
        1 => "1 planned run".to_owned(),
        n => format!("{n} planned runs"),
    };
    let silent = answer.fleet.silent();
    let mut text = format!("\nWithout a bundle for {runs} or more\n");
    let stale: Vec<_> = silent
        .iter()
        .filter(|site| site.n_missed.is_some())
        .collect();
    if stale.is_empty() {
        text += &format!(
            "  none found ({} checked)\n",
            answer.fleet.sites.len() - silent.len()
        );
    }
    for site in stale.iter().take(answer.top) {
        let missed = site.n_missed.map_or_else(String::new, count);
        let mut parts = names(answer, site);
        let newest = Time::from_unix_secs(site.chain.state.newest_at);
        parts.push(format!("{missed} missed since {newest}"));
        text += &wrapped(2, &parts);
    }
    text += &more(stale.len(), answer.top, "site", "sites");
    let unknown = silent.iter().filter(|site| site.n_missed.is_none());
    let unknown: Vec<String> = unknown.map(|site| visible(&site.site)).collect();
    if !unknown.is_empty() {
        text += "  nobody can tell without a schedule (`expected_every` of the collector):\n";
        text += &wrapped(4, &unknown);
    }
    text
}

/// Domains, and what limits what is said of each.
pub(super) fn domains(answer: &Answer) -> String {
    let mut text = "\nDomains\n".to_owned();
    for domain in &answer.fleet.domains {
        text += &domain_lines(answer, domain);
    }
    text
}

fn domain_lines(answer: &Answer, domain: &Domain) -> String {
    let mut text = format!("  {}\n", domain_name(answer, &domain.name));
    if let Some((one, other)) = &domain.contradiction {
        text += "    made with different pseudonym keys, so nothing of it can be joined:\n";
        text += &wrapped(6, &[visible(one), visible(other)]);
    }
    let figures = match &domain.figures {
        Ok(figures) => figures,
        Err(reason) => return text + &format!("    not analysed: {}\n", visible(reason)),
    };
    let mut parts = vec![
        counted(domain.collectors.len(), "collector", "collectors"),
        counted(figures.clusters.len(), "cluster", "clusters"),
        counted(figures.appliances.len(), "appliance", "appliances"),
    ];
    if let Some(judged) = &figures.judged {
        parts.push(match judged.lowest {
            Some((category, score)) => format!("lowest score {score} ({category})"),
            None => "no score: no check could be judged".to_owned(),
        });
        if !judged.blind.is_empty() {
            let checks = counted(judged.blind.len(), "check", "checks");
            parts.push(format!("{checks} not evaluated"));
        }
    }
    text += &wrapped(4, &parts);
    for hole in figures.holes.iter().take(MAX_HOLES) {
        text += &format!("    not read to its end: {}\n", visible(hole));
    }
    text + &more(figures.holes.len(), MAX_HOLES, "list", "lists")
        .replace("; --top N lists them", "")
}

/// Appliances with those that use them.
pub(super) fn appliances(answer: &Answer) -> String {
    let mut text =
        "\nAppliances, each once in its domain; those that several use first\n".to_owned();
    for appliance in answer.fleet.appliances.iter().take(answer.top) {
        text += &appliance_lines(answer, appliance);
    }
    if answer.fleet.appliances.is_empty() {
        text += "  none read\n";
    }
    text + &more(
        answer.fleet.appliances.len(),
        answer.top,
        "appliance",
        "appliances",
    )
}

fn appliance_lines(answer: &Answer, appliance: &SharedAppliance) -> String {
    let version = appliance.version.as_deref();
    let title = [
        visible(&appliance.name),
        format!("domain {}", domain_name(answer, &appliance.domain)),
        version.map_or("version not told".to_owned(), |it| {
            format!("TrueNAS {}", visible(it))
        }),
        read(appliance.n_snapshots, "snapshot", "snapshots"),
    ];
    let mut text = wrapped(2, &title);
    let users = &appliance.users;
    text += match users.len() {
        0 => "    used by no site\n",
        1 => "    used by\n",
        _ => "    shared by\n",
    };
    for user in users {
        text += &wrapped(6, &user_parts(user));
    }
    for pool in appliance.pools.iter().flatten() {
        let words = pool.space.map_or("not read".to_owned(), |(bytes, size)| {
            format!("{}, {}", share(bytes, size), used(bytes, size))
        });
        text += &format!("    pool {}: {words}\n", visible(&pool.name));
    }
    text
}

/// A site, its cluster, and what it has there.
fn user_parts(user: &User) -> Vec<String> {
    let cluster = user.cluster_name.as_ref().or(user.cluster.as_ref());
    let volumes = match user.n_volumes {
        0 => "no volume found".to_owned(),
        n => plain(&Number::count_of(n, "volume", "volumes")),
    };
    let names = [Some(&user.site), cluster].into_iter().flatten();
    names.map(|name| visible(name)).chain([volumes]).collect()
}

/// What runs where.
pub(super) fn versions(answer: &Answer) -> String {
    let mut text = "\nVersions, the oldest first\n".to_owned();
    for spread in &answer.fleet.versions {
        let (one, many) = spread.product.runners();
        let name = match spread.name.as_str() {
            "" => spread.product.word().to_owned(),
            name => format!("{} {}", spread.product.word(), visible(name)),
        };
        let version = spread
            .version
            .as_deref()
            .map_or("not told".to_owned(), visible);
        text += &format!(
            "  {name:<26} {version:<18} {} of {}\n",
            counted(spread.n, one, many),
            counted(spread.n_sites, "site", "sites")
        );
    }
    text
}
