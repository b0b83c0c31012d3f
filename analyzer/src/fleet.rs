//! Many sites side by side: how fresh each is, what it holds, what is wrong with it, in an order that says where to look
//! first. Values in, ranked values out.
//!
//! A domain is a border: one pseudonym in two domains is two things. Inside it a cluster and an appliance are counted once,
//! whoever carried them; a site shows the whole of every appliance that it uses, and the totals have each of them once.

mod amount;
mod rank;
mod site;
#[cfg(test)]
mod tests;
mod total;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Grade, Severity};
use crate::history::ChainState;

pub use amount::{Count, Counts, SEVERITIES, Space, Sum};
pub use rank::By;
pub use site::{Fullest, Held, Site, State};
pub use total::{SharedAppliance, Totals, User};
pub use version::{Product, Spread};

/// What is known of one domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Name.
    pub name: String,
    /// Its collectors.
    pub collectors: Vec<Collector>,
    /// Two bundles that were made with different pseudonym keys.
    pub contradiction: Option<(String, String)>,
    /// What it holds, or why nobody can tell.
    pub figures: Result<Figures, String>,
}

/// The collector of one cluster of a site.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Site.
    pub site: String,
    /// Uid of the cluster; absent when no bundle names one.
    pub cluster: Option<String>,
    /// Its chains: one, unless its state was lost or somebody ran it on demand.
    pub chains: Vec<Chain>,
}

/// One chain of a collector, and what its newest bundle says.
#[derive(Clone, Debug)]
pub struct Chain {
    /// How its bundles follow each other.
    pub state: ChainState,
    /// Name of the newest bundle.
    pub bundle: String,
    /// Version of the collector; empty when the bundle does not tell.
    pub version: String,
    /// Lists of clusters and appliances that were to be read, without those that a server does not have.
    pub n_planned: usize,
    /// Those that were read to their end.
    pub n_complete: usize,
    /// Appliances that it names, read or not.
    pub appliances: BTreeSet<String>,
}

/// What the bundles of one domain hold.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Clusters by uid.
    pub clusters: BTreeMap<String, Cluster>,
    /// Appliances by pseudonym.
    pub appliances: BTreeMap<String, Appliance>,
    /// Volumes of a cluster that lead to a dataset of an appliance.
    pub uses: BTreeMap<(String, String), i64>,
    /// What the checks say; nothing when they were not run.
    pub judged: Option<Judged>,
    /// Lists behind these figures that were not read to their end in the newest bundle, in words.
    pub holes: Vec<String>,
}

/// One cluster.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// Pseudonym of its name.
    pub name: Option<String>,
    /// Version of Kubernetes.
    pub kubernetes: Option<String>,
    /// Version of OpenShift; nothing where it is not served.
    pub openshift: Option<String>,
    /// Drivers for TrueNAS, with their version.
    pub drivers: BTreeSet<(String, Option<String>)>,
    /// Persistent volumes; nothing when they were never read.
    pub n_pvs: Option<i64>,
    /// Those that lead to a dataset of an appliance.
    pub n_volumes: Option<i64>,
}

/// One appliance.
#[derive(Clone, Debug, Default)]
pub struct Appliance {
    /// Version of TrueNAS.
    pub version: Option<String>,
    /// Pools by name; nothing when they were never read.
    pub pools: Option<Vec<Pool>>,
    /// Snapshots; nothing when they were never read.
    pub n_snapshots: Option<i64>,
}

/// One pool, as its root dataset reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Name.
    pub name: String,
    /// Used bytes and size; nothing when they were not read.
    pub space: Option<(i64, i64)>,
}

/// What the checks say about a domain.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Findings that nobody accepted.
    pub findings: Vec<Found>,
    /// Of whom each result is that could not be evaluated.
    pub blind: Vec<Place>,
    /// The category with the lowest score, and the score.
    pub lowest: Option<(&'static str, i64)>,
}

/// A finding as far as a fleet is concerned.
#[derive(Clone, Debug)]
pub struct Found {
    /// Whose it is.
    pub place: Place,
    /// How bad it is, given how sure it is.
    pub severity: Severity,
    /// How sure it is.
    pub grade: Grade,
}

/// Whom a result is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A cluster, by uid.
    Cluster(String),
    /// An appliance.
    Appliance(String),
    /// The domain as a whole: no site has it, the totals do.
    Domain,
}

/// What is asked of a fleet.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Moment to which ages count; the newest bundle of all sites when absent.
    pub at: Option<i64>,
    /// Planned runs without a bundle after which a site is stale.
    pub stale_after: i64,
    /// Order.
    pub by: By,
}

/// All sites.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Moment to which ages count, Unix seconds.
    pub now: i64,
    /// Site whose newest bundle is that moment; nothing when the moment was given.
    pub now_of: Option<String>,
    /// Order of the sites.
    pub by: By,
    /// Planned runs without a bundle after which a site is stale.
    pub stale_after: i64,
    /// Sites, the first to look at first.
    pub sites: Vec<Site>,
    /// Domains by name.
    pub domains: Vec<Domain>,
    /// Appliances, those of most sites first.
    pub appliances: Vec<SharedAppliance>,
    /// Versions by product, the oldest first.
    pub versions: Vec<Spread>,
    /// All of them together.
    pub totals: Totals,
}

/// Puts domains side by side.
pub fn fleet(mut domains: Vec<Domain>, options: Options) -> Fleet {
    domains.sort_by(|a, b| a.name.cmp(&b.name));
    let newest = domains
        .iter()
        .flat_map(|domain| &domain.collectors)
        .flat_map(|collector| collector.chains.iter().map(move |chain| (collector, chain)))
        .map(|(collector, chain)| (chain.state.newest_at, std::cmp::Reverse(&collector.site)))
        .max();
    let now = options.at.or(newest.map(|(at, _)| at)).unwrap_or_default();
    let now_of = match options.at {
        Some(_) => None,
        None => newest.map(|(_, site)| site.0.clone()),
    };
    let mut sites: Vec<Site> = domains
        .iter()
        .flat_map(|domain| site::sites(domain, now, options.stale_after))
        .collect();
    rank::rank(&mut sites, options.by);
    Fleet {
        now,
        now_of,
        by: options.by,
        stale_after: options.stale_after,
        appliances: total::appliances(&domains, &sites),
        versions: version::spread(&domains, &sites),
        totals: total::totals(&domains, &sites),
        sites,
        domains,
    }
}

impl Fleet {
    /// Whether all that was to be read and judged was.
    pub fn is_whole(&self) -> bool {
        self.domains.iter().all(|domain| match &domain.figures {
            Err(_) => false,
            Ok(figures) => {
                let judged = figures.judged.as_ref();
                figures.holes.is_empty() && judged.is_none_or(|judged| judged.blind.is_empty())
            }
        })
    }

    /// Sites from which nothing came for too long, and those of which nobody can tell, the longest silence first.
    pub fn silent(&self) -> Vec<&Site> {
        let is_silent = |site: &&Site| site.n_missed.is_none_or(|n| n >= self.stale_after);
        let mut silent: Vec<&Site> = self.sites.iter().filter(is_silent).collect();
        silent.sort_by(|a, b| rank::order(a, b, By::Stale));
        silent
    }
}
