//! The series of one cluster at one moment.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::simulate::SimulateError;

/// Everything that one cluster's querier knows.
pub(crate) struct Metrics {
    /// What each metric's file holds.
    pub(super) metrics: HashMap<String, File>,
    /// Whether the account lacks the role.
    pub(super) is_denied: bool,
}

/// One file.
pub(super) enum File {
    /// A vector answer.
    Vector(Vec<Series>),
    /// Anything else, which is served as it is.
    Other(String),
}

/// One series.
#[derive(Debug, Deserialize)]
pub(super) struct Series {
    pub(super) metric: BTreeMap<String, String>,
    pub(super) value: (f64, String),
}

impl Metrics {
    /// Reads every `<metric>.json` of a folder.
    pub(crate) fn read(folder: &Path, is_denied: bool) -> Result<Self, SimulateError> {
        let read_error = |source| SimulateError::Read {
            path: folder.to_path_buf(),
            source,
        };
        let mut metrics = HashMap::new();
        for entry in fs::read_dir(folder).map_err(read_error)? {
            let path = entry.map_err(read_error)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(metric) = name.and_then(|name| name.strip_suffix(".json")) else {
                continue;
            };
            let text = fs::read_to_string(&path).map_err(|source| SimulateError::Read {
                path: path.clone(),
                source,
            })?;
            metrics.insert(metric.to_owned(), File::parse(text));
        }
        Ok(Self { metrics, is_denied })
    }
}

impl File {
    fn parse(text: String) -> Self {
        let value: Option<Value> = serde_json::from_str(&text).ok();
        let result = value
            .as_ref()
            .and_then(|value| value.pointer("/data/result"));
        match result.and_then(|result| Vec::<Series>::deserialize(result).ok()) {
            Some(series) => Self::Vector(series),
            None => Self::Other(text),
        }
    }
}
