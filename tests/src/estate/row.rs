//! JSON written row by row, without a tree: the appliance's lists have too many properties for one.

use std::fmt::{Display, Write as _};

/// One JSON object being written; the buffer is used again for the next.
#[derive(Debug, Default)]
pub(super) struct Row {
    text: String,
}

impl Row {
    /// Starts an object, forgetting the last one.
    pub(super) fn open(&mut self) {
        self.text.clear();
        self.text.push('{');
    }

    /// Ends the object and shows it.
    pub(super) fn close(&mut self) -> &str {
        self.text.push('}');
        &self.text
    }

    /// A member whose value is already JSON.
    pub(super) fn json(&mut self, key: &str, value: impl Display) {
        self.separate();
        let _ = write!(self.text, "\"{key}\":{value}");
    }

    /// Members that are already JSON, without braces.
    pub(super) fn members(&mut self, members: &str) {
        self.separate();
        self.text.push_str(members);
    }

    /// A member that is text.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.separate();
        let _ = write!(self.text, "\"{key}\":");
        self.quote(value);
    }

    /// A member that is an object of members to come.
    pub(super) fn open_member(&mut self, key: &str) {
        self.separate();
        let _ = write!(self.text, "\"{key}\":{{");
    }

    /// Ends what [`Self::open_member`] began.
    pub(super) fn close_member(&mut self) {
        self.text.push('}');
    }

    /// A dataset property; `parsed` is JSON.
    pub(super) fn property(
        &mut self,
        key: &str,
        parsed: impl Display,
        raw: &str,
        value: &str,
        source: &Source,
    ) {
        self.open_member(key);
        self.json("parsed", parsed);
        self.text("rawvalue", raw);
        self.text("value", value);
        self.text("source", source.word());
        match source {
            Source::Inherited(from) => self.text("source_info", from),
            _ => self.json("source_info", "null"),
        }
        self.close_member();
    }

    /// A dataset property in bytes.
    pub(super) fn bytes(&mut self, key: &str, bytes: u64, source: &Source) {
        self.property(key, bytes, &bytes.to_string(), &human(bytes), source);
    }

    /// A dataset property that means "none" when absent.
    pub(super) fn optional_bytes(&mut self, key: &str, bytes: Option<u64>, source: &Source) {
        match bytes {
            Some(bytes) => self.bytes(key, bytes, source),
            None => {
                self.open_member(key);
                self.members("\"parsed\":null,\"rawvalue\":\"0\",\"value\":null");
                self.text("source", source.word());
                self.json("source_info", "null");
                self.close_member();
            }
        }
    }

    /// A user property, or any other whose three forms are one text.
    pub(super) fn same(&mut self, key: &str, value: &str, source: &Source) {
        let mut parsed = Self::default();
        parsed.quote(value);
        self.property(key, parsed.text, value, value, source);
    }

    /// A snapshot property, which has no `source_info`; `parsed` is JSON.
    pub(super) fn snapshot_property(
        &mut self,
        key: &str,
        parsed: impl Display,
        raw: &str,
        value: &str,
        source: &str,
    ) {
        self.separate();
        let _ = write!(
            self.text,
            "\"{key}\":{{\"value\":\"{value}\",\"rawvalue\":\"{raw}\",\"source\":\"{source}\",\"parsed\":{parsed}}}"
        );
    }

    fn separate(&mut self) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
    }

    fn quote(&mut self, value: &str) {
        self.text.push('"');
        for character in value.chars() {
            if matches!(character, '"' | '\\') {
                self.text.push('\\');
            }
            self.text.push(character);
        }
        self.text.push('"');
    }
}

/// Where a property comes from. The world holds the true source: the simulator answers as each version does, and 25.10
/// calls every one LOCAL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    None,
    Default,
    Local,
    Inherited(String),
    Received,
}

impl Source {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Default => "DEFAULT",
            Self::Local => "LOCAL",
            Self::Inherited(_) => "INHERITED",
            Self::Received => "RECEIVED",
        }
    }
}

/// Bytes for people, as the appliance prints them.
pub(crate) fn human(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let power = (bytes.max(1).ilog2() / 10) as usize;
    let hundredths = (u128::from(bytes) * 100) >> (10 * power);
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => format!("{whole} {}", units[power.min(5)]),
        _ if rest % 10 == 0 => format!("{whole}.{} {}", rest / 10, units[power.min(5)]),
        _ => format!("{whole}.{rest:02} {}", units[power.min(5)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_the_appliance_prints_them() {
        assert_eq!(human(0), "0 B");
        assert_eq!(human(98_304), "96 KiB");
        assert_eq!(human(13_421_772_800), "12.5 GiB");
    }

    #[test]
    fn a_row_is_json_even_with_quotes_inside() {
        let mut row = Row::default();
        row.open();
        row.text("id", "a");
        row.same(
            "context",
            r#"{"lun":0}"#,
            &Source::Inherited("tank".to_owned()),
        );
        let value: serde_json::Value = serde_json::from_str(row.close()).unwrap();
        assert_eq!(value["context"]["parsed"], r#"{"lun":0}"#);
        assert_eq!(value["context"]["source_info"], "tank");
    }
}
