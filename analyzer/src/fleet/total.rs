//! What several sites share, and all of them together: each cluster and appliance once in its domain.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Counts, Domain, Figures, Pool, Site, Space, State, Sum};

/// An appliance with those that use it.
#[derive(Clone, Debug)]
pub struct SharedAppliance {
    /// Domain.
    pub domain: String,
    /// Pseudonym.
    pub name: String,
    /// Version of TrueNAS.
    pub version: Option<String>,
    /// Pools by name; nothing when they were never read.
    pub pools: Option<Vec<Pool>>,
    /// Space of its pools.
    pub space: Space,
    /// Snapshots.
    pub n_snapshots: Option<i64>,
    /// Sites by name.
    pub users: Vec<User>,
}

/// A site that uses an appliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Site.
    pub site: String,
    /// Uid of its cluster.
    pub cluster: Option<String>,
    /// Pseudonym of the cluster.
    pub cluster_name: Option<String>,
    /// Volumes of the cluster that lead to a dataset of the appliance.
    pub n_volumes: i64,
    /// Whether its bundles carry the appliance.
    pub is_reader: bool,
}

/// All sites together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Domains.
    pub n_domains: usize,
    /// Domains that could not be analysed.
    pub n_failed: usize,
    /// Sites.
    pub n_sites: usize,
    /// Clusters.
    pub n_clusters: usize,
    /// Appliances.
    pub n_appliances: usize,
    /// Appliances that more than one site or cluster uses.
    pub n_shared: usize,
    /// Persistent volumes.
    pub pvs: Sum,
    /// Those that lead to a dataset of an appliance.
    pub volumes: Sum,
    /// Snapshots of all appliances.
    pub snapshots: Sum,
    /// Space of all pools.
    pub space: Space,
    /// Findings, those of a whole domain too; absent when no check was run anywhere.
    pub findings: Option<Counts>,
    /// Results that could not be evaluated.
    pub n_blind: usize,
    /// Lists that were to be read in the newest bundles.
    pub n_planned: usize,
    /// Those that were read to their end.
    pub n_complete: usize,
    /// Rows by state.
    pub states: BTreeMap<State, usize>,
}

pub(super) fn appliances(domains: &[Domain], sites: &[Site]) -> Vec<SharedAppliance> {
    let figures = domains.iter().filter_map(|domain| {
        let figures = domain.figures.as_ref().ok()?;
        Some((domain.name.as_str(), figures))
    });
    let mut shared: Vec<SharedAppliance> = figures
        .flat_map(|(domain, figures)| {
            let names = figures.appliances.keys();
            names.map(move |name| appliance(domain, name, figures, sites))
        })
        .collect();
    shared.sort_by(|a, b| {
        let key =
            |of: &SharedAppliance| (Reverse(of.users.len()), of.domain.clone(), of.name.clone());
        key(a).cmp(&key(b))
    });
    shared
}

fn appliance(domain: &str, name: &str, figures: &Figures, sites: &[Site]) -> SharedAppliance {
    let is_user = |site: &&Site| {
        let held = site.held.as_ref();
        site.domain == domain && held.is_some_and(|held| held.appliances.iter().any(|a| a == name))
    };
    let user = |site: &Site| {
        let uid = site.cluster.clone().unwrap_or_default();
        let n_volumes = figures.uses.get(&(uid, name.to_owned()));
        User {
            site: site.site.clone(),
            cluster: site.cluster.clone(),
            cluster_name: site.cluster_name.clone(),
            n_volumes: n_volumes.copied().unwrap_or_default(),
            is_reader: site.chain.appliances.contains(name),
        }
    };
    let mut users: Vec<User> = sites.iter().filter(is_user).map(user).collect();
    users.sort_by(|a, b| (&a.site, &a.cluster).cmp(&(&b.site, &b.cluster)));
    let held = figures.appliances.get(name).cloned().unwrap_or_default();
    let mut space = Space::default();
    space.add(&held);
    SharedAppliance {
        domain: domain.to_owned(),
        name: name.to_owned(),
        version: held.version,
        pools: held.pools,
        space,
        n_snapshots: held.n_snapshots,
        users,
    }
}

pub(super) fn totals(domains: &[Domain], sites: &[Site]) -> Totals {
    let names: BTreeSet<_> = sites
        .iter()
        .map(|site| (&site.domain, &site.site))
        .collect();
    let clusters: BTreeSet<_> = sites
        .iter()
        .filter_map(|site| Some((&site.domain, site.cluster.as_ref()?)))
        .collect();
    let mut totals = Totals {
        n_domains: domains.len(),
        n_sites: names.len(),
        n_clusters: clusters.len(),
        n_planned: sites.iter().map(|site| site.chain.n_planned).sum(),
        n_complete: sites.iter().map(|site| site.chain.n_complete).sum(),
        ..Totals::default()
    };
    for site in sites {
        *totals.states.entry(site.state).or_default() += 1;
    }
    let mut found = Vec::new();
    for domain in domains {
        let Ok(figures) = &domain.figures else {
            totals.n_failed += 1;
            continue;
        };
        for cluster in figures.clusters.values() {
            totals.pvs.add(cluster.n_pvs);
            totals.volumes.add(cluster.n_volumes);
        }
        for appliance in figures.appliances.values() {
            totals.n_appliances += 1;
            totals.snapshots.add(appliance.n_snapshots);
            totals.space.add(appliance);
        }
        if let Some(judged) = &figures.judged {
            totals.n_blind += judged.blind.len();
            found.push(&judged.findings);
        }
    }
    if !found.is_empty() {
        totals.findings = Some(Counts::of(found.into_iter().flatten()));
    }
    totals.n_shared = appliances(domains, sites)
        .iter()
        .filter(|appliance| appliance.users.len() > 1)
        .count();
    totals
}
