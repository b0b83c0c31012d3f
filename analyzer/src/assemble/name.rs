//! Which texts of rows are names, and of what.

use std::collections::BTreeMap;

use truenas_common::schema::Class;
use truenas_common::tables;

use super::frame::Rows;
use crate::history::Estate;
use crate::query::Catalog;
use crate::report::model::Name;

/// Names of clusters by uid, and kinds of columns.
pub(super) struct Names {
    domain: String,
    clusters: BTreeMap<String, Name>,
    tokens: BTreeMap<String, &'static str>,
    others: Vec<String>,
}

impl Names {
    pub(super) fn new(estate: &Estate, catalog: &Catalog) -> Self {
        let rows = Rows::of(estate, "k8s_cluster");
        let name_of = |uid: &String| {
            let row = rows.find(&[("uid", uid)]);
            let token = row.and_then(|row| rows.text("name", row)).unwrap_or(uid);
            (uid.clone(), Name::new("cluster", token))
        };
        let mut names = Self {
            domain: estate.domain.clone(),
            clusters: estate.clusters.iter().map(name_of).collect(),
            tokens: BTreeMap::new(),
            others: Vec::new(),
        };
        for column in tables::ALL.iter().flat_map(|table| table.columns) {
            match column.class {
                Class::Token(kind) => {
                    names
                        .tokens
                        .entry(column.name.to_owned())
                        .or_insert_with(|| word(kind));
                }
                _ => names.others.push(column.name.to_owned()),
            }
        }
        for column in catalog
            .tables
            .values()
            .flatten()
            .filter(|column| column.is_token)
        {
            names
                .tokens
                .entry(column.name.clone())
                .or_insert_with(|| by_suffix(&column.name).unwrap_or("object"));
        }
        names
    }

    /// Clusters collected.
    pub(super) fn clusters(&self) -> impl Iterator<Item = (&String, &Name)> {
        self.clusters.iter()
    }

    /// The name of a scope of a check: a cluster, an appliance or all of the domain.
    pub(super) fn scope(&self, scope: &str) -> Name {
        if scope.is_empty() {
            return Name::new("estate", &self.domain);
        }
        self.clusters
            .get(scope)
            .cloned()
            .unwrap_or_else(|| Name::new("appliance", scope))
    }

    /// The name of a finding's subject.
    pub(super) fn subject(&self, table: &str, subject: &str) -> Name {
        let cluster = self.clusters.get(subject).cloned();
        cluster.unwrap_or_else(|| Name::new(subject_kind(table), subject))
    }

    /// The name that a text in a column of a check is, or nothing for a word that is no name.
    pub(super) fn cell(&self, column: &str, text: &str) -> Option<Name> {
        if let Some(name) = self.clusters.get(text) {
            return Some(name.clone());
        }
        if let Some(kind) = self.tokens.get(column) {
            return Some(Name::new(kind, text));
        }
        if self.others.iter().any(|other| other == column) {
            return None;
        }
        by_suffix(column).map(|kind| Name::new(kind, text))
    }
}

fn subject_kind(table: &str) -> &'static str {
    match table {
        "zfs_dataset" | "zfs_dataset_space" => "dataset",
        "zfs_snapshot" => "snapshot",
        "k8s_cluster" => "cluster",
        "k8s_node" => "node",
        "k8s_pv" => "pv",
        "k8s_pvc" => "claim",
        "k8s_storage_class" => "storage-class",
        "k8s_volume_attachment" => "attachment",
        "k8s_volume_snapshot" => "volume-snapshot",
        "k8s_volume_snapshot_content" => "content",
        "nas_iscsi_extent" => "extent",
        "nas_iscsi_target" => "target",
        "nas_nfs_share" => "share",
        "nas_pool" => "pool",
        "nas_system" => "appliance",
        _ => "object",
    }
}

/// The word for a kind of pseudonym.
fn word(kind: &'static str) -> &'static str {
    match kind {
        "ds" => "dataset",
        "drv" => "driver",
        "ns" => "namespace",
        "sc" => "storage-class",
        "vs" => "volume-snapshot",
        "vsc" => "content",
        "vsclass" => "snapshot-class",
        "inst" => "instance",
        "ctx" => "context",
        other => other,
    }
}

/// The kind that the end of a column's name tells, for columns that a check renames.
fn by_suffix(column: &str) -> Option<&'static str> {
    let kinds = [
        ("path", "dataset"),
        ("dataset", "dataset"),
        ("parent", "dataset"),
        ("leaf", "leaf"),
        ("pv", "pv"),
        ("pvc", "claim"),
        ("claim", "claim"),
        ("namespace", "namespace"),
        ("node", "node"),
        ("handle", "handle"),
        ("snapshot", "snapshot"),
        ("content", "content"),
        ("pool", "pool"),
        ("target", "target"),
        ("extent", "extent"),
        ("driver", "driver"),
        ("host", "host"),
        ("appliance", "appliance"),
        ("storage_class", "storage-class"),
    ];
    let is_last = |suffix: &str| {
        column
            .strip_suffix(suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    kinds
        .into_iter()
        .find(|(suffix, _)| is_last(suffix))
        .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_column_keeps_its_kind_and_a_plain_word_is_no_name() {
        assert_eq!(by_suffix("volume_path"), Some("dataset"));
        assert_eq!(by_suffix("csi_driver"), Some("driver"));
        assert_eq!(by_suffix("phase"), None);
        assert_eq!(by_suffix("superpath"), None);
    }
}
