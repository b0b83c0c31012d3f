//! The fleet for machines: raw values, and everything that the text says.

use serde_json::{Value as Json, json};
use truenas_common::time::Time;

use super::Answer;
use crate::fleet::{Counts, Domain, Pool, SEVERITIES, SharedAppliance, Site, Space, Sum, Totals};

/// One object.
pub(super) fn json(answer: &Answer) -> Json {
    let fleet = &answer.fleet;
    let sites = fleet.sites.iter().take(answer.top).enumerate();
    let appliances = fleet.appliances.iter().take(answer.top);
    let versions = fleet.versions.iter().map(|spread| {
        json!({
            "product": spread.product.word(),
            "name": Some(&spread.name).filter(|name| !name.is_empty()),
            "version": spread.version,
            "n": spread.n,
            "of": spread.product.runners().1,
            "n_sites": spread.n_sites,
        })
    });
    json!({
        "now": time(fleet.now),
        "now_of": fleet.now_of,
        "order": fleet.by.words(),
        "stale_after": fleet.stale_after,
        "totals": totals(&fleet.totals),
        "sites": sites.map(|(index, of)| site(answer, index + 1, of)).collect::<Vec<_>>(),
        "domains": fleet.domains.iter().map(domain).collect::<Vec<_>>(),
        "appliances": appliances.map(appliance).collect::<Vec<_>>(),
        "versions": versions.collect::<Vec<_>>(),
    })
}

fn time(at: i64) -> String {
    Time::from_unix_secs(at).to_string()
}

fn totals(totals: &Totals) -> Json {
    let states = totals.states.iter();
    let states: serde_json::Map<String, Json> = states
        .map(|(state, n)| (state.word().to_owned(), (*n).into()))
        .collect();
    json!({
        "n_domains": totals.n_domains,
        "n_domains_not_analysed": totals.n_failed,
        "n_sites": totals.n_sites,
        "n_clusters": totals.n_clusters,
        "n_appliances": totals.n_appliances,
        "n_shared_appliances": totals.n_shared,
        "pvs": sum(totals.pvs),
        "volumes": sum(totals.volumes),
        "snapshots": sum(totals.snapshots),
        "space": space(totals.space),
        "findings": totals.findings.as_ref().map(findings),
        "n_not_evaluated": totals.n_blind,
        "n_lists_planned": totals.n_planned,
        "n_lists_complete": totals.n_complete,
        "states": states,
    })
}

fn site(answer: &Answer, rank: usize, site: &Site) -> Json {
    let (chain, held) = (&site.chain, site.held.as_ref());
    let fullest = held.and_then(|held| held.fullest.as_ref()).map(|fullest| {
        json!({
            "appliance": fullest.appliance,
            "pool": fullest.pool,
            "used_bytes": fullest.used_bytes,
            "size_bytes": fullest.size_bytes,
        })
    });
    let counts = held.and_then(|held| held.findings.as_ref());
    json!({
        "rank": rank,
        "domain": site.domain,
        "site": site.site,
        "cluster": site.cluster,
        "cluster_name": site.cluster_name,
        "state": site.state.word(),
        "n_missed": site.n_missed,
        "expected_every_secs": chain.state.expected_every_secs,
        "age_secs": site.age_secs,
        "stream": chain.state.stream,
        "newest_bundle": chain.bundle,
        "newest_at": time(chain.state.newest_at),
        "n_lists_planned": chain.n_planned,
        "n_lists_complete": chain.n_complete,
        "is_analysed": held.is_some(),
        "n_pvs": held.and_then(|held| held.n_pvs),
        "n_volumes": held.and_then(|held| held.n_volumes),
        "snapshots": held.map(|held| sum(held.snapshots)),
        "appliances": held.map(|held| &held.appliances),
        "space": held.map(|held| space(held.space)),
        "fullest": fullest,
        "findings": counts.map(findings),
        "n_not_evaluated": counts.and(held).map(|held| held.n_blind),
        "collector_version": chain.version,
        "remarks": answer.remarks(site),
    })
}

fn domain(domain: &Domain) -> Json {
    let figures = domain.figures.as_ref();
    let judged = figures.ok().and_then(|figures| figures.judged.as_ref());
    let lowest = judged.and_then(|judged| judged.lowest);
    json!({
        "domain": domain.name,
        "n_collectors": domain.collectors.len(),
        "not_analysed": figures.err(),
        "key_contradiction": domain.contradiction.as_ref().map(|(one, other)| [one, other]),
        "lowest_category": lowest.map(|(category, _)| category),
        "lowest_score": lowest.map(|(_, score)| score),
        "n_not_evaluated": judged.map(|judged| judged.blind.len()),
        "not_read_to_their_end": figures.map(|figures| figures.holes.clone()).unwrap_or_default(),
    })
}

fn appliance(appliance: &SharedAppliance) -> Json {
    let users = appliance.users.iter().map(|user| {
        json!({
            "site": user.site,
            "cluster": user.cluster,
            "n_volumes": user.n_volumes,
            "is_reader": user.is_reader,
        })
    });
    let pool = |pool: &Pool| {
        json!({
            "pool": pool.name,
            "used_bytes": pool.space.map(|(used, _)| used),
            "size_bytes": pool.space.map(|(_, size)| size),
        })
    };
    let pools = appliance.pools.as_ref();
    json!({
        "domain": appliance.domain,
        "appliance": appliance.name,
        "version": appliance.version,
        "n_snapshots": appliance.n_snapshots,
        "is_shared": appliance.users.len() > 1,
        "users": users.collect::<Vec<_>>(),
        "space": space(appliance.space),
        "pools": pools.map(|pools| pools.iter().map(pool).collect::<Vec<_>>()),
    })
}

fn findings(counts: &Counts) -> Json {
    let severities = SEVERITIES.into_iter().map(|severity| {
        let count = counts.at(severity);
        let value = json!({"n": count.n, "n_confirmed": count.n_confirmed});
        (severity.word().to_owned(), value)
    });
    Json::Object(severities.collect())
}

fn sum(sum: Sum) -> Json {
    json!({"n": sum.n, "n_unread": sum.n_unread})
}

fn space(space: Space) -> Json {
    json!({
        "used_bytes": space.used_bytes,
        "size_bytes": space.size_bytes,
        "n_pools": space.n_pools,
        "n_unread": space.n_unread,
    })
}
