//! What the bundles of a domain hold, by cluster and appliance.

use std::collections::BTreeMap;

use crate::assemble::Rows;
use crate::fleet::{Appliance, Cluster, Collector, Figures, Pool};
use crate::history::{Estate, History, LedgerEntry};
use crate::query::value::rows;
use crate::query::{Limits, Params, QueryError, Session, Value};

/// Lists that the figures rest on.
const LISTS: [&str; 9] = [
    "k8s_cluster",
    "k8s_cluster_version",
    "k8s_csi_container",
    "k8s_pv",
    "nas_pool",
    "nas_system",
    "zfs_dataset",
    "zfs_dataset_space",
    "zfs_snapshot",
];

/// Software of the drivers themselves, among the containers of their pods.
const DRIVERS: [&str; 3] = ["democratic-csi", "truenas-csi", "tns-csi"];

/// The view that is asked.
pub(super) const JOIN: &str = "volume_join";
const USES: &str = "SELECT v.cluster AS cluster, v.appliance AS appliance, COUNT(DISTINCT v.name) AS n \
                    FROM volume_join AS v WHERE v.is_contradiction = FALSE GROUP BY v.cluster, v.appliance";
const VOLUMES: &str = "SELECT v.cluster AS cluster, COUNT(DISTINCT v.name) AS n FROM volume_join AS v \
                       WHERE v.is_contradiction = FALSE GROUP BY v.cluster";

/// Figures of an estate, without what checks say.
///
/// # Errors
/// A defect of the view.
pub(super) fn held(
    history: &History,
    estate: &Estate,
    session: &Session,
    collectors: &[Collector],
) -> Result<Figures, QueryError> {
    let mut figures = Figures::default();
    for row in asked(session, USES)? {
        if let [cluster, appliance, n] = row.as_slice() {
            let key = (text(cluster), text(appliance));
            figures.uses.insert(key, n.as_integer().unwrap_or_default());
        }
    }
    let mut n_volumes: BTreeMap<String, i64> = BTreeMap::new();
    for row in asked(session, VOLUMES)? {
        if let [cluster, n] = row.as_slice() {
            n_volumes.insert(text(cluster), n.as_integer().unwrap_or_default());
        }
    }
    let source = |table: &str, scope: &str| -> Option<&LedgerEntry> {
        history.source_of(&estate.domain, table, scope, estate.now)
    };
    let n_pvs = Rows::of(estate, "k8s_pv").counts("cluster");
    let known = collectors.iter().filter_map(|of| of.cluster.as_ref());
    for uid in known.chain(&estate.clusters) {
        let mut cluster = cluster(estate, uid);
        // A list that was never read gives no number; what an earlier bundle told still stands.
        if estate.clusters.contains(uid) && source("k8s_pv", uid).is_some() {
            cluster.n_pvs = Some(n_pvs.get(uid.as_str()).copied().unwrap_or_default());
            cluster.n_volumes = Some(n_volumes.get(uid).copied().unwrap_or_default());
        }
        figures.clusters.insert(uid.clone(), cluster);
    }
    let n_snapshots = Rows::of(estate, "zfs_snapshot").counts("appliance");
    for name in &estate.appliances {
        let n = n_snapshots.get(name.as_str()).copied().unwrap_or_default();
        let appliance = Appliance {
            version: version_of(estate, name),
            pools: source("nas_pool", name).map(|_| pools(estate, name)),
            n_snapshots: source("zfs_snapshot", name).map(|_| n),
        };
        figures.appliances.insert(name.clone(), appliance);
    }
    let holes = estate.outcomes.iter().filter(|((table, _), outcome)| {
        let is_read = matches!(outcome.as_str(), "ok" | "empty" | "unsupported");
        LISTS.contains(&table.as_str()) && !is_read
    });
    figures.holes = holes
        .map(|((table, scope), outcome)| format!("{table} of {scope}: {outcome}"))
        .collect();
    Ok(figures)
}

fn asked(session: &Session, sql: &str) -> Result<Vec<Vec<Value>>, QueryError> {
    Ok(rows(&session.run(
        sql,
        &Params::new(),
        &Limits::default(),
    )?))
}

fn text(value: &Value) -> String {
    value.as_text().unwrap_or_default().to_owned()
}

fn cluster(estate: &Estate, uid: &str) -> Cluster {
    let told = |table: &str, column: &str| {
        let rows = Rows::of(estate, table);
        let row = rows.find(&[("cluster", uid)])?;
        rows.text(column, row).map(str::to_owned)
    };
    let containers = Rows::of(estate, "k8s_csi_container");
    let driver = |row: usize| {
        let role = containers.text("role", row)?;
        let is_ours = containers.text("cluster", row) == Some(uid) && DRIVERS.contains(&role);
        let version = containers.text("version", row).map(str::to_owned);
        is_ours.then(|| (role.to_owned(), version))
    };
    Cluster {
        name: told("k8s_cluster", "name"),
        kubernetes: told("k8s_cluster", "version"),
        openshift: told("k8s_cluster_version", "version"),
        drivers: containers.indexes().filter_map(driver).collect(),
        ..Cluster::default()
    }
}

fn version_of(estate: &Estate, appliance: &str) -> Option<String> {
    let systems = Rows::of(estate, "nas_system");
    let row = systems.find(&[("appliance", appliance)])?;
    systems.text("version", row).map(str::to_owned)
}

/// Pools with their space as `capacity` has it: used and free bytes of the root dataset.
fn pools(estate: &Estate, appliance: &str) -> Vec<Pool> {
    let (pools, space) = (
        Rows::of(estate, "nas_pool"),
        Rows::of(estate, "zfs_dataset_space"),
    );
    let pool = |row: usize| {
        let is_ours = pools.text("appliance", row) == Some(appliance);
        let name = pools.text("name", row).filter(|_| is_ours)?;
        let bytes = || {
            let root = space.find(&[("appliance", appliance), ("path", name)])?;
            let used = space.integer("used_bytes", root)?;
            let free = space.integer("available_bytes", root)?;
            (used >= 0 && free >= 0).then(|| (used, used.saturating_add(free)))
        };
        Some(Pool {
            name: name.to_owned(),
            space: bytes(),
        })
    };
    let mut pools: Vec<Pool> = pools.indexes().filter_map(pool).collect();
    pools.sort_by(|a, b| a.name.cmp(&b.name));
    pools
}
