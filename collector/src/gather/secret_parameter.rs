//! Parameters of classes whose values are secrets: only their presence is noted.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// Whether a text is not empty; the text itself is dropped where it is read.
pub(super) struct IsFilled(pub(super) bool);

impl<'de> Deserialize<'de> for IsFilled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Filled;
        impl Visitor<'_> for Filled {
            type Value = IsFilled;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text")
            }
            fn visit_str<E>(self, text: &str) -> Result<IsFilled, E> {
                Ok(IsFilled(!text.is_empty()))
            }
        }
        deserializer.deserialize_str(Filled)
    }
}

/// Keys whose values are secrets. The `csi.storage.k8s.io/` keys only name Secrets.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    !key.starts_with("csi.storage.k8s.io/")
        && ["secret", "password", "passphrase", "key", "token"]
            .iter()
            .any(|word| key.contains(word))
}

/// Keys that only name a Secret.
pub(super) fn is_reference(key: &str) -> bool {
    let name = key.strip_prefix("csi.storage.k8s.io/");
    name.is_some_and(|name| name.ends_with("-secret-name") || name.ends_with("-secret-namespace"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_secret_is_no_secret() {
        assert!(is_secret("iscsi.chapPassword") && is_secret("encryption.key"));
        assert!(!is_secret("csi.storage.k8s.io/node-stage-secret-name"));
        assert!(!is_secret("detachedSnapshots"));
        assert!(is_reference(
            "csi.storage.k8s.io/node-stage-secret-namespace"
        ));
        assert!(
            !is_reference("node-stage-secret-name") && !is_reference("csi.storage.k8s.io/fstype")
        );
    }
}
