//! The part of every Kubernetes object that all gatherers read.

use serde::Deserialize;
use truenas_common::redact::{Redactor, Uid};
use truenas_common::time::Time;

/// Named fields of `metadata`; labels and all other annotations are not decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) uid: Option<String>,
    creation_timestamp: Option<String>,
    deletion_timestamp: Option<String>,
    finalizers: Option<Vec<String>>,
    pub(super) annotations: Option<Annotations>,
}

/// The annotations that are looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Annotations {
    #[serde(rename = "pv.kubernetes.io/provisioned-by")]
    pub(super) provisioned_by: Option<String>,
    #[serde(rename = "storageclass.kubernetes.io/is-default-class")]
    pub(super) is_default_class: Option<String>,
    #[serde(rename = "storageclass.beta.kubernetes.io/is-default-class")]
    pub(super) is_default_class_beta: Option<String>,
}

impl Metadata {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    pub(super) fn uid(&self, redactor: &Redactor) -> Uid {
        redactor.uid(self.uid.as_deref().unwrap_or_default())
    }

    /// Creation; the API server always sets it.
    pub(super) fn created_at(&self) -> Time {
        time(self.creation_timestamp.as_deref()).unwrap_or(Time::from_unix_secs(0))
    }

    pub(super) fn deleting_at(&self) -> Option<Time> {
        time(self.deletion_timestamp.as_deref())
    }

    pub(super) fn is_deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }

    pub(super) fn finalizers(&self) -> impl Iterator<Item = &str> {
        self.finalizers.iter().flatten().map(String::as_str)
    }
}

/// Reads a time that may be absent.
pub(super) fn time(text: Option<&str>) -> Option<Time> {
    text.and_then(Time::parse)
}

/// Text that is there and not empty.
pub(super) fn filled(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The last component of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
