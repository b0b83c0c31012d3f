//! The matrix: endpoint classes down, kinds of fault across, outcomes in the cells.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Kinds of fault, in the order of the columns.
pub(crate) const KINDS: [&str; 14] = [
    "refuse",
    "401",
    "403",
    "404",
    "410",
    "429",
    "500",
    "hang",
    "drip",
    "cut",
    "giant",
    "malformed",
    "wrong-id",
    "endless",
];

/// One endpoint of each class.
pub(crate) struct Endpoint {
    /// What the row is called.
    pub(crate) class: &'static str,
    /// Where the fault is, as `world.yaml` has it.
    pub(crate) at: &'static [&'static str],
    /// First request that it hits.
    pub(crate) nth: u32,
    /// The list of `collect_status` that must say so.
    pub(crate) list: &'static str,
}

const fn endpoint(
    class: &'static str,
    at: &'static [&'static str],
    list: &'static str,
) -> Endpoint {
    Endpoint {
        class,
        at,
        nth: 1,
        list,
    }
}

/// All classes, in the order of the rows.
pub(crate) const ENDPOINTS: [Endpoint; 17] = [
    endpoint(
        "cluster, version",
        &["k8s:/version"],
        "/api/v1/persistentvolumes",
    ),
    endpoint(
        "cluster, groups",
        &["k8s:/apis"],
        "/api/v1/persistentvolumes",
    ),
    endpoint(
        "cluster, identity",
        &["k8s:/api/v1/namespaces/kube-system"],
        "/api/v1/namespaces/kube-system",
    ),
    endpoint(
        "cluster, list",
        &["k8s:/api/v1/persistentvolumes"],
        "/api/v1/persistentvolumes",
    ),
    Endpoint {
        class: "cluster, second read",
        at: &["k8s:/api/v1/persistentvolumes"],
        nth: 2,
        list: "/api/v1/persistentvolumes",
    },
    endpoint("cluster, whole", &["k8s:*"], "/api/v1/persistentvolumes"),
    endpoint("appliance, offer", &["truenas:/api/versions"], "pool.query"),
    endpoint(
        "appliance, upgrade",
        &["truenas:/api/current"],
        "pool.query",
    ),
    endpoint("appliance, login", &["truenas:auth.login_ex"], "pool.query"),
    endpoint(
        "appliance, version",
        &["truenas:system.version"],
        "pool.query",
    ),
    endpoint("appliance, rights", &["truenas:auth.me"], "pool.query"),
    endpoint("appliance, pools", &["truenas:pool.query"], "pool.query"),
    endpoint(
        "appliance, settings",
        &["truenas:iscsi.global.config"],
        "iscsi.global.config",
    ),
    endpoint(
        "appliance, table",
        &["truenas:sharing.nfs.query"],
        "sharing.nfs.query",
    ),
    endpoint(
        "appliance, datasets",
        &["truenas:pool.dataset.query"],
        "pool.dataset.query",
    ),
    endpoint(
        "appliance, snapshots",
        &["truenas:pool.snapshot.query"],
        "pool.snapshot.query",
    ),
    endpoint("everything", &["k8s:*", "truenas:*"], ""),
];

/// What each fault leads to: `ok`, the outcome of the list in a bundle that opens, or the exit code of a refusal.
pub(crate) const MATRIX: &str = include_str!("matrix.txt");

/// One run.
pub(crate) struct Cell {
    pub(crate) row: usize,
    pub(crate) column: usize,
}

/// All of them.
pub(crate) fn cells() -> Vec<Cell> {
    let rows = 0..ENDPOINTS.len();
    rows.flat_map(|row| (0..KINDS.len()).map(move |column| Cell { row, column }))
        .collect()
}

/// The matrix as it is kept.
pub(crate) fn text(found: &BTreeMap<(usize, usize), String>) -> String {
    let mut text = format!("{:<22}", "");
    for kind in KINDS {
        let _ = write!(text, "{kind:<12}");
    }
    for (row, endpoint) in ENDPOINTS.iter().enumerate() {
        let _ = write!(text, "\n{:<22}", endpoint.class);
        for column in 0..KINDS.len() {
            let outcome = found.get(&(row, column)).map_or("-", String::as_str);
            let _ = write!(text, "{outcome:<12}");
        }
    }
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}
