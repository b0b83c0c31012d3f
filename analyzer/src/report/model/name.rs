//! Names of objects, always apart from the words around them so that a site can un-mask a report.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of one object: a pseudonym, or the real name after un-masking or in profile `open`.
///
/// A path such as a dataset is one name; its parts are tokens of their own, split at `/` and `@` by whoever renames.
/// No other type of the model may serialise to an object with exactly these three fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// What is named: `dataset`, `zvol`, `snapshot`, `pool`, `appliance`, `cluster`, `namespace`, `claim`, `volume`.
    pub kind: String,
    /// The name as it stands in the bundle.
    pub token: String,
    /// The name as readers see it; equal to the token until somebody un-masks the report.
    pub text: String,
}

impl Name {
    /// A name as it stands in the bundle.
    #[must_use]
    pub fn new(kind: &str, token: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            token: token.to_owned(),
            text: token.to_owned(),
        }
    }
}

/// Names could not be replaced.
#[derive(Debug, thiserror::Error)]
pub enum NameError<E: std::error::Error + 'static> {
    /// The caller refused a name.
    #[error("cannot replace the name `{token}`")]
    Refused {
        /// The token that was refused.
        token: String,
        /// Why.
        source: E,
    },
    /// The model does not survive JSON.
    #[error("cannot convert the report model to or from JSON")]
    Json {
        /// What the JSON library says.
        source: serde_json::Error,
    },
}

/// Finds names by their shape, so that a new field of the model cannot be forgotten.
pub(super) fn map<E: std::error::Error + 'static>(
    value: &mut Value,
    rename: &mut impl FnMut(&mut Name) -> Result<(), E>,
) -> Result<(), NameError<E>> {
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| map(item, rename)),
        Value::Object(fields) => {
            let is_name = fields.len() == 3
                && ["kind", "token", "text"]
                    .iter()
                    .all(|key| fields.contains_key(*key));
            if !is_name {
                return fields.values_mut().try_for_each(|field| map(field, rename));
            }
            let mut name: Name = serde_json::from_value(value.take())
                .map_err(|source| NameError::Json { source })?;
            let token = name.token.clone();
            rename(&mut name).map_err(|source| NameError::Refused { token, source })?;
            *value = serde_json::to_value(name).map_err(|source| NameError::Json { source })?;
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}
