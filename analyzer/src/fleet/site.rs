//! One row for each collector: a site and the cluster that it reads.

use super::{Chain, Collector, Counts, Domain, Figures, Place, Space, Sum};
use crate::history::ChainState;
use crate::thin::Ratio;

/// How far the bundles of a site can be counted on, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Bundles of the domain were made with different pseudonym keys: nothing of it can be joined.
    KeyContradiction,
    /// Two bundles carry one number, or one does not link to the bundle before it.
    BrokenChain,
    /// As many planned runs brought nothing as were asked for.
    Stale,
    /// A planned run brought nothing.
    Late,
    /// No bundle names a schedule, or it was a run on demand: nobody can tell whether one is missing.
    UnknownInterval,
    /// The next bundle is not due.
    Fresh,
}

/// One site and the cluster that it reads.
#[derive(Clone, Debug)]
pub struct Site {
    /// Domain.
    pub domain: String,
    /// Site.
    pub site: String,
    /// Uid of the cluster.
    pub cluster: Option<String>,
    /// Pseudonym of its name.
    pub cluster_name: Option<String>,
    /// The chain that speaks for it.
    pub chain: Chain,
    /// Seconds since its newest bundle.
    pub age_secs: i64,
    /// Planned runs that brought nothing; absent without a schedule.
    pub n_missed: Option<i64>,
    /// How far it can be counted on.
    pub state: State,
    /// What it holds; absent when its domain could not be analysed.
    pub held: Option<Held>,
}

/// What a site holds. Figures of appliances are of the whole appliance, whoever shares it.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Persistent volumes.
    pub n_pvs: Option<i64>,
    /// Those that lead to a dataset of an appliance.
    pub n_volumes: Option<i64>,
    /// Snapshots of its appliances.
    pub snapshots: Sum,
    /// Appliances that it names, or on which its volumes are.
    pub appliances: Vec<String>,
    /// Space of their pools.
    pub space: Space,
    /// The fullest of them.
    pub fullest: Option<Fullest>,
    /// Findings of its cluster and of its appliances; absent when no check was run.
    pub findings: Option<Counts>,
    /// Results about them that could not be evaluated.
    pub n_blind: usize,
}

/// The fullest pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fullest {
    /// Appliance.
    pub appliance: String,
    /// Pool.
    pub pool: String,
    /// Used bytes.
    pub used_bytes: i64,
    /// Used and free bytes.
    pub size_bytes: i64,
}

impl State {
    /// All, worst first.
    pub const ALL: [Self; 6] = [
        Self::KeyContradiction,
        Self::BrokenChain,
        Self::Stale,
        Self::Late,
        Self::UnknownInterval,
        Self::Fresh,
    ];

    /// The word that readers see.
    pub fn word(self) -> &'static str {
        match self {
            Self::KeyContradiction => "key-contradiction",
            Self::BrokenChain => "broken-chain",
            Self::Stale => "stale",
            Self::Late => "late",
            Self::UnknownInterval => "unknown-interval",
            Self::Fresh => "fresh",
        }
    }
}

impl Fullest {
    /// How full it is.
    pub fn ratio(&self) -> Ratio {
        Ratio::new(self.used_bytes, self.size_bytes)
    }
}

impl Site {
    /// What tells it from every other site.
    pub fn key(&self) -> (&str, &str, Option<&str>) {
        (&self.domain, &self.site, self.cluster.as_deref())
    }
}

/// The sites of a domain.
pub(super) fn sites(domain: &Domain, now: i64, stale_after: i64) -> Vec<Site> {
    let is_contradicted = domain.contradiction.is_some();
    let site = |collector: &Collector| {
        let chain = speaker(&collector.chains)?.clone();
        let figures = domain.figures.as_ref().ok();
        let held = figures.map(|figures| held(collector, figures));
        let name = figures
            .zip(collector.cluster.as_ref())
            .and_then(|(figures, uid)| figures.clusters.get(uid)?.name.clone());
        let n_missed = n_missed(&chain.state, now);
        let state = if is_contradicted {
            State::KeyContradiction
        } else if !chain.state.forks.is_empty() || !chain.state.broken.is_empty() {
            State::BrokenChain
        } else {
            freshness(n_missed, stale_after)
        };
        Some(Site {
            domain: domain.name.clone(),
            site: collector.site.clone(),
            cluster: collector.cluster.clone(),
            cluster_name: name,
            age_secs: (now - chain.state.newest_at).max(0),
            n_missed,
            state,
            held,
            chain,
        })
    };
    domain.collectors.iter().filter_map(site).collect()
}

/// The newest chain; a run on demand speaks only where there is no other.
fn speaker(chains: &[Chain]) -> Option<&Chain> {
    chains.iter().max_by_key(|chain| {
        let state = &chain.state;
        (!state.is_on_demand(), state.newest_at, &state.stream)
    })
}

fn n_missed(state: &ChainState, now: i64) -> Option<i64> {
    state.n_missed(now).filter(|_| !state.is_on_demand())
}

fn freshness(n_missed: Option<i64>, stale_after: i64) -> State {
    match n_missed {
        None => State::UnknownInterval,
        Some(n) if n >= stale_after => State::Stale,
        Some(0) => State::Fresh,
        Some(_) => State::Late,
    }
}

fn held(collector: &Collector, figures: &Figures) -> Held {
    let uid = collector.cluster.as_deref();
    let cluster = uid.and_then(|uid| figures.clusters.get(uid));
    let is_used = |appliance: &String| {
        let uses = uid.and_then(|uid| figures.uses.get(&(uid.to_owned(), appliance.clone())));
        let mut chains = collector.chains.iter();
        uses.is_some_and(|n| *n > 0) || chains.any(|chain| chain.appliances.contains(appliance))
    };
    let used: Vec<_> = figures
        .appliances
        .iter()
        .filter(|(name, _)| is_used(name))
        .collect();
    let mut space = Space::default();
    used.iter().for_each(|(_, appliance)| space.add(appliance));
    let pools = used.iter().flat_map(|(name, appliance)| {
        let pools = appliance.pools.iter().flatten();
        pools.filter_map(|pool| {
            let (used_bytes, size_bytes) = pool.space?;
            Some(Fullest {
                appliance: (*name).clone(),
                pool: pool.name.clone(),
                used_bytes,
                size_bytes,
            })
        })
    });
    // Of two that are as full, the first by name.
    let fullest = pools.reduce(|best, pool| match pool.ratio().order(best.ratio()) {
        std::cmp::Ordering::Greater => pool,
        _ => best,
    });
    let is_ours = |place: &Place| match place {
        Place::Cluster(of) => Some(of.as_str()) == uid,
        Place::Appliance(of) => used.iter().any(|(name, _)| *name == of),
        Place::Domain => false,
    };
    let judged = figures.judged.as_ref();
    let found = judged.map(|judged| {
        let ours = judged.findings.iter().filter(|found| is_ours(&found.place));
        Counts::of(ours)
    });
    let blind = judged.iter().flat_map(|judged| &judged.blind);
    Held {
        n_pvs: cluster.and_then(|cluster| cluster.n_pvs),
        n_volumes: cluster.and_then(|cluster| cluster.n_volumes),
        snapshots: Sum::of(used.iter().map(|(_, appliance)| appliance.n_snapshots)),
        space,
        fullest,
        findings: found,
        n_blind: blind.filter(|place| is_ours(place)).count(),
        appliances: used.iter().map(|(name, _)| (*name).clone()).collect(),
    }
}
