//! The objects of one cluster, read once from its folder and kept as compact text.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::kinds::{self, Kind};
use crate::simulate::SimulateError;
use crate::simulate::compact::compact;

/// One object.
#[derive(Debug)]
pub(super) struct Object {
    /// `namespace/name`, or the name: the order of lists.
    pub(super) key: String,
    /// The fields but `kind` and `apiVersion`, as the inside of a JSON object.
    pub(super) fields: Box<str>,
    /// `involvedObject.kind` of an event.
    pub(super) involved_kind: Option<Box<str>>,
}

/// Everything one cluster serves.
#[derive(Debug)]
pub(crate) struct Store {
    kinds: Vec<Kind>,
    objects: HashMap<(String, String), Vec<Object>>,
    /// Version of every list of this moment.
    pub(super) resource_version: u64,
}

/// A file: a single object, or a list of them.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "apiVersion")]
    api_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

/// What decides where an object is kept; the rest of it stays text.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
    #[serde(borrow, rename = "involvedObject")]
    involved: Option<Involved<'a>>,
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    namespace: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "resourceVersion")]
    resource_version: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Involved<'a> {
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
}

impl Store {
    /// Reads every `.json` file of a folder; `position` is the world's place in its series.
    pub(crate) fn read(folder: &Path, position: usize) -> Result<Self, SimulateError> {
        let mut store = Self {
            kinds: kinds::built_in(),
            objects: HashMap::new(),
            resource_version: 0,
        };
        for path in json_files(folder)? {
            let text = fs::read_to_string(&path).map_err(|source| SimulateError::Read {
                path: path.clone(),
                source,
            })?;
            store.add_file(&path, &text)?;
        }
        for objects in store.objects.values_mut() {
            objects.sort_by(|left, right| left.key.cmp(&right.key));
        }
        store.resource_version = store.resource_version.max(1000) + 1 + position as u64;
        Ok(store)
    }

    /// The kind behind a path, when it is served in that version.
    pub(super) fn kind(&self, group: &str, version: &str, resource: &str) -> Option<&Kind> {
        self.of_version(group, version)
            .find(|kind| kind.resource == resource)
    }

    /// Kinds of one group and version.
    pub(super) fn of_version(&self, group: &str, version: &str) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().filter(move |kind| {
            kind.group == group && kind.versions.iter().any(|served| served == version)
        })
    }

    /// Every group with its versions, preferred first; built-in ones come first.
    pub(super) fn groups(&self) -> Vec<(String, Vec<String>)> {
        let mut groups: Vec<(String, Vec<String>)> = kinds::built_in_groups()
            .map(|(group, versions)| {
                (
                    group.to_owned(),
                    versions
                        .iter()
                        .map(|version| (*version).to_owned())
                        .collect(),
                )
            })
            .collect();
        for kind in self.kinds.iter().filter(|kind| !kind.group.is_empty()) {
            match groups.iter_mut().find(|(group, _)| *group == kind.group) {
                None => groups.push((kind.group.clone(), kind.versions.clone())),
                Some((_, versions)) => {
                    for version in &kind.versions {
                        if !versions.contains(version) {
                            versions.push(version.clone());
                        }
                    }
                }
            }
        }
        groups
    }

    /// Objects of a kind in the order of lists.
    pub(super) fn objects(&self, kind: &Kind) -> &[Object] {
        self.objects
            .get(&(kind.group.clone(), kind.resource.clone()))
            .map_or(&[], Vec::as_slice)
    }

    fn add_file(&mut self, path: &Path, text: &str) -> Result<(), SimulateError> {
        let json_error = |source| SimulateError::Json {
            path: path.to_path_buf(),
            source,
        };
        if text.trim_start().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(json_error)?;
            return items
                .into_iter()
                .try_for_each(|item| self.add_text(path, item.get(), None));
        }
        let document: Document<'_> = serde_json::from_str(text).map_err(json_error)?;
        let kind = document.kind.as_deref().unwrap_or_default();
        let Some(items) = document.items.filter(|_| kind.ends_with("List")) else {
            return self.add_text(path, text, None);
        };
        let item_kind = kind.trim_end_matches("List").to_owned();
        let api_version = document.api_version.as_deref().unwrap_or("v1").to_owned();
        let is_typed = !item_kind.is_empty();
        if is_typed {
            self.register(&api_version, &item_kind, false);
        }
        items.into_iter().try_for_each(|item| {
            self.add_text(
                path,
                item.get(),
                is_typed.then_some((api_version.as_str(), item_kind.as_str())),
            )
        })
    }

    /// Adds one object; `typed` names version and kind for the items of a typed list.
    fn add_text(
        &mut self,
        path: &Path,
        text: &str,
        typed: Option<(&str, &str)>,
    ) -> Result<(), SimulateError> {
        let json_error = |source| SimulateError::Json {
            path: path.to_path_buf(),
            source,
        };
        let no_object = || SimulateError::NoObject {
            path: path.to_path_buf(),
        };
        let head: Head<'_> = serde_json::from_str(text).map_err(json_error)?;
        let mut fields: BTreeMap<String, &RawValue> =
            serde_json::from_str(text).map_err(json_error)?;
        let mut take = |key: &str, default: Option<&str>| {
            let given = fields
                .remove(key)
                .and_then(|value| serde_json::from_str(value.get()).ok());
            given
                .or_else(|| default.map(str::to_owned))
                .ok_or_else(no_object)
        };
        let api_version = take("apiVersion", typed.map(|(version, _)| version))?;
        let kind = take("kind", typed.map(|(_, kind)| kind))?;
        let metadata = head.metadata.ok_or_else(no_object)?;
        let name = metadata.name.ok_or_else(no_object)?;
        let key = match &metadata.namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.into_owned(),
        };
        let version = metadata.resource_version.and_then(|text| text.parse().ok());
        self.resource_version = self.resource_version.max(version.unwrap_or_default());
        if kind == "CustomResourceDefinition" {
            let spec = head.spec.map_or("null", RawValue::get);
            self.define(&serde_json::from_str(spec).map_err(json_error)?);
        }
        let place = self.register(&api_version, &kind, metadata.namespace.is_some());
        let involved_kind = head.involved.and_then(|involved| involved.kind);
        let involved_kind = involved_kind.as_deref().map(Box::from);
        let members = fields
            .iter()
            .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), compact(value.get())));
        let fields = members.collect::<Vec<_>>().join(",").into_boxed_str();
        self.objects.entry(place).or_default().push(Object {
            key,
            fields,
            involved_kind,
        });
        Ok(())
    }

    /// Makes sure that a kind is served and returns where its objects are kept.
    fn register(&mut self, api_version: &str, kind: &str, is_namespaced: bool) -> (String, String) {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if !self.kinds.iter().any(|known| known.group == group) {
            self.kinds.extend(kinds::custom(group));
        }
        if let Some(known) = self
            .kinds
            .iter_mut()
            .find(|known| known.group == group && known.kind == kind)
        {
            if !known.versions.iter().any(|served| served == version) {
                known.versions.push(version.to_owned());
            }
            known.is_namespaced |= is_namespaced;
            return (group.to_owned(), known.resource.clone());
        }
        let resource = kinds::plural(kind);
        self.kinds.push(Kind {
            group: group.to_owned(),
            versions: vec![version.to_owned()],
            resource: resource.clone(),
            kind: kind.to_owned(),
            is_namespaced,
            is_built_in: false,
        });
        (group.to_owned(), resource)
    }

    /// Serves what a custom resource definition defines.
    fn define(&mut self, spec: &Value) {
        let (Some(group), Some(kind)) = (spec["group"].as_str(), spec["names"]["kind"].as_str())
        else {
            return;
        };
        let versions: Vec<String> = spec["versions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|version| version["served"] != false)
            .filter_map(|version| version["name"].as_str().map(str::to_owned))
            .collect();
        let resource = spec["names"]["plural"]
            .as_str()
            .map_or_else(|| kinds::plural(kind), str::to_owned);
        self.kinds
            .retain(|known| !(known.group == group && known.kind == kind));
        self.kinds.push(Kind {
            group: group.to_owned(),
            versions,
            resource,
            kind: kind.to_owned(),
            is_namespaced: spec["scope"] != "Cluster",
            is_built_in: false,
        });
    }
}

/// The `.json` files of a folder by name; none when there is no folder.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, SimulateError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let read_error = |source| SimulateError::Read {
        path: folder.to_path_buf(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(read_error)? {
        let path = entry.map_err(read_error)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
