//! Parameters of classes and attributes of volumes whose values are secrets: only their presence is noted.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, Visitor};

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

/// A map of texts, and whether a key of it that is that of a secret has a value.
#[derive(Debug, Default)]
pub(super) struct Watched<T> {
    /// What is decoded of the other keys.
    pub(super) known: T,
    /// A secret has a value.
    pub(super) has_secret: bool,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Watched<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Texts<T> {
            type Value = Watched<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map of texts")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Watched<T>, A::Error> {
                let mut has_secret = false;
                let watch = Watch {
                    map,
                    has_secret: &mut has_secret,
                };
                let known = T::deserialize(MapAccessDeserializer::new(watch))?;
                Ok(Watched { known, has_secret })
            }
        }
        deserializer.deserialize_map(Texts(std::marker::PhantomData))
    }
}

/// Passes a map on without its secrets.
struct Watch<'a, A> {
    map: A,
    has_secret: &'a mut bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Watch<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if !is_secret(&key) {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            let IsFilled(is_filled) = self.map.next_value()?;
            *self.has_secret |= is_filled;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
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

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Share {
        server: String,
    }

    #[track_caller]
    fn check(json: &str, expected: bool) {
        let watched: Watched<Share> = serde_json::from_str(json).unwrap();
        assert_eq!(
            (watched.known.server.as_str(), watched.has_secret),
            ("a", expected)
        );
    }

    #[test]
    fn secret_of_a_map_is_noted_wherever_it_stands_and_the_rest_is_read() {
        check(r#"{"iscsi.chapSecret": "x", "server": "a"}"#, true);
        check(
            r#"{"server": "a", "other": "y", "encryption.passphrase": "x"}"#,
            true,
        );
        check(r#"{"server": "a", "iscsi.chapSecret": ""}"#, false);
        check(
            r#"{"server": "a", "csi.storage.k8s.io/node-stage-secret-name": "x"}"#,
            false,
        );
    }

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
