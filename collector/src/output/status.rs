//! `status.json`: how the last run ended, for people and monitors on site. Counts and codes only.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Serialize;
use truenas_common::exit::Exit;
use truenas_common::time::Time;

use crate::output;

/// The last run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Status {
    /// Schema name.
    schema: &'static str,
    /// When the run ended.
    ended_at: String,
    /// Exit code.
    exit: u8,
    /// Bundle, when one was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bundle: Option<String>,
    /// Chain id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stream: Option<String>,
    /// Number in the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seq: Option<u64>,
    /// Length of the encrypted file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Rows in all tables.
    pub(crate) n_rows: u64,
    /// Lists by outcome.
    pub(crate) lists: BTreeMap<String, u64>,
}

impl Status {
    /// Writes the file.
    pub(crate) fn write(mut self, folder: &Path, ended_at: Time, exit: Exit) -> io::Result<()> {
        self.schema = "tsm.status/1";
        self.ended_at = ended_at.to_string();
        self.exit = exit.code();
        let mut json = serde_json::to_vec_pretty(&self)?;
        json.push(b'\n');
        output::replace(&folder.join("status.json"), &json)
    }
}
