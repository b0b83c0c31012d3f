//! Sections that need no template of their own.

use serde::{Deserialize, Serialize};

use super::{Prose, Table};

/// A further section of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Anchor: lower-case letters and dashes.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Content in order.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// A paragraph.
    Prose(Prose),
    /// A smaller heading.
    Heading(String),
    /// A paragraph that limits what the section says.
    Limit(Prose),
    /// A table.
    Table(Table),
}
