//! TrueNAS property objects, and values that come as text or number.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use truenas_common::tables::code::PropertySource;
use truenas_common::time::Time;

use crate::source::truenas::Version;

/// The release that stopped to tell where a property comes from.
const NO_SOURCES: Version = Version::new(25, 10);

/// True when the API of this release tells local, inherited and received apart.
pub(super) fn has_sources(version: Version) -> bool {
    version.line() < NO_SOURCES
}

/// One property. `value` is text for people and is not decoded; newer interfaces say `raw` for `rawvalue`.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Option<Fields>")]
pub(super) struct Property {
    parsed: Parsed,
    rawvalue: Option<String>,
    source: Source,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    parsed: Parsed,
    #[serde(alias = "raw")]
    rawvalue: Option<String>,
    source: Source,
}

/// A value as the appliance parsed it.
#[derive(Debug, Default)]
enum Parsed {
    /// Nothing, or of a form that no property has that is read.
    #[default]
    Other,
    Integer(i64),
    Switch(bool),
    Text(String),
    /// `{"$date"}` in milliseconds.
    Millis(i64),
}

/// Where the value comes from, when the appliance says so in a word.
#[derive(Debug, Default)]
struct Source(Option<PropertySource>);

impl From<Option<Fields>> for Property {
    fn from(fields: Option<Fields>) -> Self {
        let fields = fields.unwrap_or_default();
        Self {
            parsed: fields.parsed,
            rawvalue: fields.rawvalue,
            source: fields.source,
        }
    }
}

impl Property {
    /// A whole number: as parsed, else as the raw text says.
    pub(super) fn integer(&self) -> Option<i64> {
        let parsed = match &self.parsed {
            Parsed::Integer(number) => Some(*number),
            Parsed::Text(text) => text.parse().ok(),
            _ => None,
        };
        parsed.or_else(|| self.rawvalue.as_deref()?.parse().ok())
    }

    /// A limit: zero means none.
    pub(super) fn limit(&self) -> Option<i64> {
        self.integer().filter(|bytes| *bytes > 0)
    }

    /// Text as ZFS spells it.
    pub(super) fn text(&self) -> Option<&str> {
        let parsed = match &self.parsed {
            Parsed::Text(text) => Some(text.as_str()),
            _ => None,
        };
        self.rawvalue
            .as_deref()
            .or(parsed)
            .filter(|text| !text.is_empty() && *text != "-")
    }

    /// A switch.
    pub(super) fn switch(&self) -> Option<bool> {
        match self.text() {
            Some("on" | "yes" | "true") => Some(true),
            Some("off" | "no" | "false") => Some(false),
            _ => match self.parsed {
                Parsed::Switch(is_on) => Some(is_on),
                _ => None,
            },
        }
    }

    /// A moment: `{"$date"}` in milliseconds, or seconds.
    pub(super) fn time(&self) -> Option<Time> {
        match self.parsed {
            Parsed::Millis(millis) => Some(Time::from_unix_millis(millis)),
            _ => self.integer().map(Time::from_unix_secs),
        }
    }

    /// Where the value comes from; only as far as the release tells.
    pub(super) fn source(&self, version: Version) -> PropertySource {
        if !has_sources(version) {
            return PropertySource::Unknown;
        }
        self.source.0.unwrap_or(PropertySource::Other)
    }
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParsedVisitor)
    }
}

struct ParsedVisitor;

impl<'de> Visitor<'de> for ParsedVisitor {
    type Value = Parsed;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E: Error>(self, is_on: bool) -> Result<Parsed, E> {
        Ok(Parsed::Switch(is_on))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Parsed, E> {
        Ok(Parsed::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Parsed, E> {
        Ok(i64::try_from(number).map_or(Parsed::Other, Parsed::Integer))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Parsed, E> {
        Ok(Parsed::Other)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Parsed, E> {
        Ok(Parsed::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Parsed, E> {
        Ok(Parsed::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Parsed, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Parsed::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Parsed, A::Error> {
        let mut parsed = Parsed::Other;
        while let Some(key) = fields.next_key::<String>()? {
            let value = fields.next_value()?;
            if let ("$date", Parsed::Integer(millis)) = (key.as_str(), value) {
                parsed = Parsed::Millis(millis);
            }
        }
        Ok(parsed)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = match Parsed::deserialize(deserializer)? {
            Parsed::Text(mut word) => {
                word.make_ascii_lowercase();
                Some(PropertySource::parse(&word))
            }
            _ => None,
        };
        Ok(Self(word))
    }
}

/// An id or number that some releases send as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn integer(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text or a whole number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(json: &str) -> Property {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn parsed_value_wins_and_raw_text_helps_out() {
        let both = property(r#"{"parsed": 7, "rawvalue": "8", "value": "7 B"}"#);
        assert_eq!(both.integer(), Some(7));
        assert_eq!(property(r#"{"rawvalue": "8"}"#).integer(), Some(8));
        assert_eq!(property(r#"{"raw": "9", "value": 9}"#).integer(), Some(9));
        let none = property(r#"{"parsed": null, "rawvalue": "0"}"#);
        assert_eq!(none.limit(), None);
    }

    #[test]
    fn moment_is_read_in_both_forms() {
        let tagged = property(r#"{"parsed": {"$date": 1710000000000}, "rawvalue": "1"}"#);
        assert_eq!(tagged.time(), Some(Time::from_unix_secs(1_710_000_000)));
        let plain = property(r#"{"parsed": 1710000000}"#);
        assert_eq!(plain.time(), tagged.time());
    }

    #[test]
    fn source_is_unknown_where_the_release_does_not_tell() {
        let inherited = property(r#"{"rawvalue": "true", "source": "INHERITED"}"#);
        assert_eq!(
            inherited.source(Version::new(25, 4)),
            PropertySource::Inherited
        );
        assert_eq!(
            inherited.source(Version::new(25, 10)),
            PropertySource::Unknown
        );
        // A release that tells and did not is no release that cannot: nobody may take it for ownership.
        for silent in [
            r#"{"rawvalue": "true"}"#,
            r#"{"source": null}"#,
            r#"{"source": {"type": "LOCAL"}}"#,
        ] {
            assert_eq!(
                property(silent).source(Version::new(25, 4)),
                PropertySource::Other
            );
        }
    }
}
