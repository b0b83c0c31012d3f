//! Which versions run, on how many things of how many sites, the oldest first.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{Domain, Site};

/// What has a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// Of an appliance.
    TrueNas,
    /// Of a cluster.
    Kubernetes,
    /// Of a cluster.
    OpenShift,
    /// Of a cluster.
    Driver,
    /// Of a site.
    Collector,
}

/// One version of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Product.
    pub product: Product,
    /// Which driver; empty for all else.
    pub name: String,
    /// Version; absent where it was not told.
    pub version: Option<String>,
    /// Appliances, clusters or sites that run it.
    pub n: usize,
    /// Sites that use them.
    pub n_sites: usize,
}

impl Product {
    /// The word that readers see.
    pub fn word(self) -> &'static str {
        match self {
            Self::TrueNas => "TrueNAS",
            Self::Kubernetes => "Kubernetes",
            Self::OpenShift => "OpenShift",
            Self::Driver => "CSI driver",
            Self::Collector => "collector",
        }
    }

    /// One and several of what runs it.
    pub fn runners(self) -> (&'static str, &'static str) {
        match self {
            Self::TrueNas => ("appliance", "appliances"),
            Self::Kubernetes | Self::OpenShift | Self::Driver => ("cluster", "clusters"),
            Self::Collector => ("collector", "collectors"),
        }
    }
}

/// What runs a version, and the sites that use it; each with its domain.
#[derive(Default)]
struct Runners {
    things: BTreeSet<(String, String)>,
    sites: BTreeSet<(String, String)>,
}

type Key = (Product, String, Option<String>);

pub(super) fn spread(domains: &[Domain], sites: &[Site]) -> Vec<Spread> {
    let mut runners: BTreeMap<Key, Runners> = BTreeMap::new();
    let mut add = |key: Key, site: &Site, thing: &str| {
        let runners = runners.entry(key).or_default();
        let of = |name: &str| (site.domain.clone(), name.to_owned());
        runners.things.insert(of(thing));
        runners.sites.insert(of(&site.site));
    };
    for site in sites {
        let told = Some(site.chain.version.clone()).filter(|version| !version.is_empty());
        let collector = format!(
            "{}\n{}",
            site.site,
            site.cluster.as_deref().unwrap_or_default()
        );
        add((Product::Collector, String::new(), told), site, &collector);
        let domain = domains.iter().find(|domain| domain.name == site.domain);
        let Some(figures) = domain.and_then(|domain| domain.figures.as_ref().ok()) else {
            continue;
        };
        for name in site.held.iter().flat_map(|held| &held.appliances) {
            let version = figures
                .appliances
                .get(name)
                .and_then(|held| held.version.clone());
            add((Product::TrueNas, String::new(), version), site, name);
        }
        let Some((uid, cluster)) = site
            .cluster
            .as_ref()
            .and_then(|uid| Some((uid, figures.clusters.get(uid)?)))
        else {
            continue;
        };
        let kubernetes = cluster.kubernetes.clone();
        add((Product::Kubernetes, String::new(), kubernetes), site, uid);
        if cluster.openshift.is_some() {
            let openshift = cluster.openshift.clone();
            add((Product::OpenShift, String::new(), openshift), site, uid);
        }
        for (driver, version) in &cluster.drivers {
            add(
                (Product::Driver, driver.clone(), version.clone()),
                site,
                uid,
            );
        }
    }
    let mut spread: Vec<Spread> = runners
        .into_iter()
        .map(|((product, name, version), runners)| Spread {
            product,
            name,
            version,
            n: runners.things.len(),
            n_sites: runners.sites.len(),
        })
        .collect();
    spread.sort_by(|a, b| {
        let by_name = (a.product, &a.name).cmp(&(b.product, &b.name));
        by_name.then_with(|| order(a.version.as_deref(), b.version.as_deref()))
    });
    spread
}

/// Older before newer; what was not told comes last.
fn order(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => parts(a).cmp(&parts(b)).then_with(|| a.cmp(b)),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// Numbers, then what they are followed by: an early release comes before the release, an update behind it.
fn parts(version: &str) -> (Vec<u64>, i8, Vec<u64>) {
    let (number, suffix) = version.split_once('-').unwrap_or((version, ""));
    let numbers = |text: &str| -> Vec<u64> {
        let digits = text.split(|char: char| !char.is_ascii_digit());
        digits.filter_map(|part| part.parse().ok()).collect()
    };
    let word = suffix.trim_end_matches(|char: char| !char.is_ascii_alphabetic());
    let stage = match word {
        "MASTER" => -4,
        "ALPHA" => -3,
        "BETA" => -2,
        "RC" => -1,
        "U" => 1,
        _ => 0,
    };
    let mut release = numbers(number);
    // 26.0 and 26.0.0 are one release.
    while release.last() == Some(&0) {
        release.pop();
    }
    (release, stage, numbers(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_go_by_number_and_stage_and_not_by_letter() {
        let sorted = [
            Some("9.10"),
            Some("13.3"),
            Some("13.3-U1"),
            Some("13.3-U1.2"),
            Some("24.04.2.5"),
            Some("24.10"),
            Some("25.4"),
            Some("25.10.1"),
            Some("26.0.0-ALPHA.1"),
            Some("26.0.0-BETA.2"),
            Some("26.0.0-BETA.10"),
            Some("26.0.0-RC.1"),
            Some("26.0.0"),
            Some("26.0.1"),
            None,
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.swap(2, 9);
        shuffled.sort_by(|a, b| order(*a, *b));
        assert_eq!(shuffled, sorted);
    }
}
