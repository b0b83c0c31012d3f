//! How long bundles stay in the output folder: `retention: {keep: 30, days: 90}`, or `retention: none`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// What may go: only what is beyond both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    /// The newest bundles that stay, whatever their age.
    pub(crate) keep: u64,
    /// Bundles of so many days stay, however many there are.
    pub(crate) days: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { keep: 30, days: 90 }
    }
}

/// As it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawRetention(pub(super) Option<Retention>);

impl<'de> Deserialize<'de> for RawRetention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RetentionVisitor)
    }
}

struct RetentionVisitor;

impl<'de> Visitor<'de> for RetentionVisitor {
    type Value = RawRetention;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`none`, or `{keep: BUNDLES, days: DAYS}`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawRetention, E> {
        match text {
            "none" => Ok(RawRetention(None)),
            _ => Err(E::custom(
                "retention: write `none`, or `{keep: BUNDLES, days: DAYS}`",
            )),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawRetention, A::Error> {
        let mut retention = Retention::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "keep" => retention.keep = map.next_value()?,
                "days" => retention.days = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    return Err(A::Error::unknown_field(&key, &["keep", "days"]));
                }
            }
        }
        if retention.keep == 0 {
            return Err(A::Error::custom(
                "retention: the newest bundle always stays; `keep` is at least 1",
            ));
        }
        Ok(RawRetention(Some(retention)))
    }
}
