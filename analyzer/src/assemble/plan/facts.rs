//! What a finding knows that stands in commands.

use std::collections::BTreeMap;

use crate::assemble::name::Names;
use crate::checks::Finding;
use crate::query::Value;
use crate::report::model::{Name, Prose};

/// Values by placeholder.
#[derive(Default)]
pub(in crate::assemble) struct Facts {
    values: BTreeMap<String, Prose>,
    /// Resource of Kubernetes that `NAME` is the name of.
    resource: &'static str,
}

impl Facts {
    /// What a finding says about its object.
    pub(in crate::assemble) fn of(names: &Names, finding: &Finding) -> Self {
        let mut facts = Self {
            resource: resource(&finding.subject_table),
            ..Self::default()
        };
        for (column, value) in &finding.evidence {
            let value = match value {
                Value::Text(text) => Some(match names.cell(column, text) {
                    Some(name) => Prose::new().name(&name),
                    None => Prose::words(text),
                }),
                Value::Integer(id) if column.ends_with("_id") => {
                    Some(Prose::words(&id.to_string()))
                }
                _ => None,
            };
            let value = value.filter(|value| !value.plain().is_empty());
            facts
                .values
                .extend(value.map(|value| (column.to_ascii_uppercase(), value)));
        }
        facts.subject(names, finding);
        facts
    }

    fn subject(&mut self, names: &Names, finding: &Finding) {
        let subject = finding.subject.as_str();
        let whole = names.subject(&finding.subject_table, subject);
        let mut put = |key: &str, name: &Name| {
            self.values.insert(key.to_owned(), Prose::new().name(name));
        };
        match finding.subject_table.as_str() {
            "zfs_dataset" | "zfs_dataset_space" => {
                put("DATASET", &whole);
                put("ZVOL", &whole);
                put("POOL", &pool(subject));
            }
            "zfs_snapshot" => {
                put("SNAPSHOT", &whole);
                put("POOL", &pool(subject));
                if let Some((dataset, _)) = subject.split_once('@') {
                    put("DATASET", &Name::new("dataset", dataset));
                }
            }
            "nas_pool" => put("POOL", &whole),
            "k8s_node" => put("NODE", &whole),
            "k8s_namespace" => put("NAMESPACE", &whole),
            "k8s_csi_driver" => put("DRIVER", &whole),
            "k8s_pv" => put("PV", &whole),
            _ => {}
        }
        if self.resource.is_empty() {
            return;
        }
        let name = match subject.rsplit_once('/') {
            None => whole,
            Some((before, name)) => {
                let namespace = before.split('/').next().unwrap_or(before);
                put("NAMESPACE", &Name::new("namespace", namespace));
                Name::new(&whole.kind, name)
            }
        };
        if finding.subject_table == "k8s_pvc" {
            put("CLAIM", &name);
        }
        put("NAME", &name);
    }

    /// An argument with its placeholders filled in; the words before it say what a `NAME` is the name of.
    pub(super) fn filled(&self, word: &str, before: &[String]) -> Prose {
        let mut prose = Prose::new();
        let mut from = 0;
        for (at, placeholder) in placeholders(word) {
            let Some(value) = self.value(placeholder, before) else {
                continue;
            };
            if from < at {
                prose = prose.text(&word[from..at]);
            }
            prose = prose.then(value.clone());
            from = at + placeholder.len();
        }
        if from < word.len() || prose.is_empty() {
            prose = prose.text(&word[from..]);
        }
        prose
    }

    fn value(&self, placeholder: &str, before: &[String]) -> Option<&Prose> {
        match placeholder {
            "NAME" if !self.is_resource(before) => None,
            "ID" => self.values.get(id_of(before)?),
            _ => self.values.get(placeholder),
        }
    }

    /// Whether the words before a `NAME` are about the kind of object that the finding is about.
    fn is_resource(&self, before: &[String]) -> bool {
        if self.resource.is_empty() {
            return false;
        }
        let program = before.first().map_or("", String::as_str);
        match program {
            "kubectl" | "oc" => {
                let is_named = |word: &String| word.split(',').any(|kind| kind == self.resource);
                before.iter().any(is_named) || before.last().is_some_and(|word| word == "grep")
            }
            "velero" => self.resource == "backup",
            _ => false,
        }
    }
}

/// The column that holds the id which a method wants.
fn id_of(before: &[String]) -> Option<&'static str> {
    let method = before.iter().find(|word| word.contains('.'))?;
    Some(match method.rsplit_once('.')?.0 {
        "sharing.nfs" | "sharing.smb" => "SHARE_ID",
        "iscsi.target" => "TARGET_ID",
        "iscsi.extent" => "EXTENT_ID",
        "iscsi.targetextent" => "LINK_ID",
        "iscsi.portal" => "PORTAL_ID",
        "pool.snapshottask" => "TASK_ID",
        _ => return None,
    })
}

/// Words in capitals, with where they begin: at least two letters, not part of a longer word.
pub(super) fn placeholders(text: &str) -> Vec<(usize, &str)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_part(letter)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = &text[from..at];
                let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
                if word.len() > 1 && word.bytes().all(is_capital) && !word.starts_with('_') {
                    found.push((from, word));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn pool(path: &str) -> Name {
    let pool = path.split(['/', '@']).next().unwrap_or(path);
    Name::new("pool", pool)
}

fn resource(table: &str) -> &'static str {
    match table {
        "k8s_pv" => "pv",
        "k8s_pvc" => "pvc",
        "k8s_storage_class" => "storageclass",
        "k8s_volume_snapshot" => "volumesnapshot",
        "k8s_volume_snapshot_class" => "volumesnapshotclass",
        "k8s_volume_snapshot_content" => "volumesnapshotcontent",
        "k8s_csi_driver" => "csidriver",
        "k8s_truenas_csi" => "truenascsi",
        "k8s_pod" => "pod",
        "k8s_node" => "node",
        "k8s_velero_backup" => "backup",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_whole_words_in_capitals() {
        let words = |text| {
            placeholders(text)
                .into_iter()
                .map(|(_, word)| word)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            words("DATASET@OLDEST%NEWEST_TOO_OLD"),
            ["DATASET", "OLDEST", "NEWEST_TOO_OLD"]
        );
        assert_eq!(
            words("{\"truenasURL\":\"wss://HOST/x\",\"T\":1,\"skipTLS\":false}"),
            ["HOST"]
        );
        assert_eq!(words("-P"), Vec::<&str>::new());
    }

    #[test]
    fn a_name_is_filled_in_only_where_the_command_is_about_its_kind() {
        let facts = Facts {
            values: BTreeMap::from([
                ("NAME".to_owned(), Prose::words("x")),
                ("SHARE_ID".to_owned(), Prose::words("7")),
            ]),
            resource: "pvc",
        };
        let filled = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let (last, before) = words.split_last().unwrap();
            facts.filled(last, before).plain()
        };
        assert_eq!(filled("kubectl -n a delete pvc NAME"), "x");
        assert_eq!(filled("kubectl delete pv NAME"), "NAME");
        assert_eq!(filled("kubectl get volumeattachment | grep NAME"), "x");
        assert_eq!(filled("zfs destroy p/v@NAME"), "p/v@NAME");
        assert_eq!(filled("midclt call sharing.nfs.update ID"), "7");
        assert_eq!(filled("midclt call iscsi.portal.update ID"), "ID");
    }
}
