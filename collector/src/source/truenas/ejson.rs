//! The two JSON extensions that the server uses in the answers of interest.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A time: `{"$date": milliseconds}`, or whole Unix seconds where newer versions send a plain number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    unix_secs: i64,
}

/// A set: `{"$set": [..]}`, or a plain list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set<T>(pub Vec<T>);

impl Date {
    /// Unix seconds.
    pub fn unix_secs(self) -> i64 {
        self.unix_secs
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DateVisitor)
    }
}

struct DateVisitor;

impl<'de> Visitor<'de> for DateVisitor {
    type Value = Date;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a `$date` in milliseconds or a number of seconds")
    }

    fn visit_i64<E: Error>(self, unix_secs: i64) -> Result<Date, E> {
        Ok(Date { unix_secs })
    }

    fn visit_u64<E: Error>(self, unix_secs: u64) -> Result<Date, E> {
        i64::try_from(unix_secs)
            .map(|unix_secs| Date { unix_secs })
            .map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Date, A::Error> {
        let milliseconds: i64 = tagged(map, "$date")?;
        Ok(Date {
            unix_secs: milliseconds.div_euclid(1000),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SetVisitor(PhantomData))
    }
}

struct SetVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SetVisitor<T> {
    type Value = Set<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a `$set` or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Set<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Set(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Set<T>, A::Error> {
        tagged(map, "$set").map(Set)
    }
}

/// Reads the value of the one expected key.
fn tagged<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    mut map: A,
    tag: &'static str,
) -> Result<T, A::Error> {
    let mut value = None;
    while let Some(key) = map.next_key::<String>()? {
        if key == tag {
            value = Some(map.next_value()?);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
    }
    value.ok_or_else(|| A::Error::missing_field(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<i64> {
        serde_json::from_str::<Date>(text).ok().map(Date::unix_secs)
    }

    #[test]
    fn milliseconds_become_seconds() {
        assert_eq!(date(r#"{"$date": 1760000000000}"#), Some(1_760_000_000));
        assert_eq!(date(r#"{"$date": -1}"#), Some(-1));
    }

    #[test]
    fn plain_number_is_seconds_already() {
        assert_eq!(date("1760000000"), Some(1_760_000_000));
    }

    #[test]
    fn other_forms_are_no_date() {
        for text in [
            r#"{"$time": "10:00:00"}"#,
            "{}",
            "null",
            r#""2026-01-01""#,
            "1.5",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn set_is_a_list_with_or_without_its_tag() {
        for text in [r#"{"$set": ["POOL_READ"]}"#, r#"["POOL_READ"]"#] {
            assert_eq!(
                serde_json::from_str::<Set<String>>(text).unwrap().0,
                ["POOL_READ"]
            );
        }
        assert!(serde_json::from_str::<Set<String>>(r#"{"set": []}"#).is_err());
    }
}
