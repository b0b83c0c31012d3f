//! What can be wrong with a configuration, of either program: one line, with the key and where it stands.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

/// A configuration that is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{path}`; give its path with --config")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a configuration.
    #[error("`{path}` is larger than a configuration can be; is it the right file?")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A secret stands in the file.
    #[error(
        "configuration line {line}: `{key}` holds a secret; put it in a file of mode 0600 and name that file instead"
    )]
    Secret {
        /// Line, from 1.
        line: u64,
        /// The key, or what the value looks like.
        key: String,
    },
    /// A key that is not known.
    #[error("configuration line {line}: unknown key `{key}`; here stand: {known}")]
    Unknown {
        /// Line, from 1.
        line: u64,
        /// The key.
        key: String,
        /// What is known there.
        known: String,
    },
    /// A key that is needed.
    #[error("configuration line {line}: `{key}` is missing")]
    Missing {
        /// Line of the block, from 1.
        line: u64,
        /// The key.
        key: String,
    },
    /// Not the YAML that is expected.
    #[error("configuration line {line}: {what}")]
    Form {
        /// Line, from 1; 0 when it is not known.
        line: u64,
        /// What the parser says.
        what: String,
    },
    /// A value that is refused.
    #[error("configuration line {line}: `{key}`: {what}")]
    Value {
        /// Line, from 1.
        line: u64,
        /// The key.
        key: Cow<'static, str>,
        /// Why, and what to do instead.
        what: String,
    },
}

impl ConfigError {
    /// Turns the parser's error into one line.
    pub fn of_parser(error: &serde_saphyr::Error) -> Self {
        let line = error.location().map_or(0, |location| location.line());
        match error.without_snippet() {
            serde_saphyr::Error::SerdeUnknownField {
                field, expected, ..
            } => Self::Unknown {
                line,
                key: field.clone(),
                known: expected.join(", "),
            },
            serde_saphyr::Error::SerdeMissingField { field, .. } => Self::Missing {
                line,
                key: (*field).to_owned(),
            },
            error => {
                let text = error.to_string();
                Self::Form {
                    line,
                    what: text.lines().next().unwrap_or("not valid YAML").to_owned(),
                }
            }
        }
    }
}
