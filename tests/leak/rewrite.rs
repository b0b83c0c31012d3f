//! Turns JSON into JSON in which every name is a canary.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use truenas_common::redact::is_uuid_v4;
use truenas_common::schema::Class;
use truenas_common::tables;

use crate::canary::{self, Canaries, Form};

/// How much is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Every component of every name; words of closed lists, numbers and times stay, so that rows come out.
    Names,
    /// As names, written in another form.
    Encoded(Form),
    /// Every text, whole, and the text below every key.
    Values,
    /// Every text and every key.
    Keys,
}

/// Words of the servers' interfaces and of the products, beside those of the closed lists.
const WORDS: &str = include_str!("words.txt");

/// Objects whose keys are chosen by people.
const FREE_KEYS: &[&str] = &[
    "annotations",
    "hard",
    "labels",
    "matchLabels",
    "nodeSelector",
    "used",
    "user_properties",
];

/// Keys without which the simulators cannot serve an object at all.
const SERVED: &[&str] = &["apiVersion", "items", "kind", "metadata", "name"];

/// Rewrites the files of one world, the same word always in the same way.
#[derive(Debug)]
pub(crate) struct Rewriter {
    pub(crate) canaries: Canaries,
    depth: Depth,
    kept: BTreeSet<String>,
}

impl Rewriter {
    pub(crate) fn new(depth: Depth) -> Self {
        let columns = tables::ALL.iter().flat_map(|table| table.columns);
        let listed = columns.flat_map(|column| match column.class {
            Class::Code(words) => words,
            _ => &[],
        });
        let kept = listed.copied().chain(WORDS.lines());
        Self {
            canaries: match depth {
                Depth::Encoded(form) => Canaries::new(form),
                _ => Canaries::default(),
            },
            depth,
            kept: kept
                .flat_map(|text| runs(text).map(str::to_lowercase))
                .collect(),
        }
    }

    /// Rewrites a value; `is_free` says whether people choose the keys of this object.
    pub(crate) fn value(&mut self, key: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.under(key, text)),
            Value::Array(values) => values.iter().map(|value| self.value(key, value)).collect(),
            Value::Object(map) => Value::Object(self.object(key, map)),
            other => other.clone(),
        }
    }

    fn object(&mut self, own_key: &str, map: &Map<String, Value>) -> Map<String, Value> {
        let is_free = FREE_KEYS.contains(&own_key);
        let mut rewritten = Map::new();
        for (key, value) in map {
            let value = self.value(key, value);
            rewritten.insert(self.key(key, is_free), value);
        }
        let is_of_texts = is_free || rewritten.values().all(Value::is_string);
        let name = self.canaries.fresh();
        let forms = self
            .canaries
            .every_form()
            .into_iter()
            .chain([canary::api_key()]);
        let planted = match is_of_texts {
            true => Value::String(forms.collect::<Vec<_>>().join(" ")),
            false => forms.collect(),
        };
        rewritten.insert(name, planted);
        rewritten
    }

    fn key(&mut self, key: &str, is_free: bool) -> String {
        if self.depth == Depth::Keys && !SERVED.contains(&key) {
            return self.canaries.fresh();
        }
        let is_marker = key.starts_with("democratic-csi:");
        match is_free && !is_marker && self.has_names() {
            true => self.text(key),
            false => key.to_owned(),
        }
    }

    fn under(&mut self, key: &str, text: &str) -> String {
        if self.has_names() {
            return self.text(text);
        }
        match key {
            // The simulators serve an object by these two.
            "kind" | "apiVersion" => text.to_owned(),
            // A maker's word leaves as it is, by design: the one class of text that no list closes.
            "model" => String::new(),
            _ => self.canaries.fresh(),
        }
    }

    /// True when only names are replaced.
    fn has_names(&self) -> bool {
        matches!(self.depth, Depth::Names | Depth::Encoded(_))
    }

    /// Replaces every component of a text that is no known word, number or time.
    pub(crate) fn text(&mut self, text: &str) -> String {
        if text.parse::<jiff::Timestamp>().is_ok() {
            return text.to_owned();
        }
        let mut rewritten = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (piece, length) = self.piece(rest, first);
            rewritten.push_str(&piece);
            rest = &rest[length..];
        }
        rewritten
    }

    /// The next piece, rewritten, and how much of the text it takes.
    fn piece(&mut self, rest: &str, first: char) -> (String, usize) {
        if let Some(uuid) = rest.get(..36).filter(|uuid| is_uuid_v4(uuid)) {
            return (uuid.to_owned(), 36);
        }
        if let Some(address) = address(rest) {
            let is_own = address.starts_with("127.") || address == "0.0.0.0";
            let piece = if is_own {
                address.to_owned()
            } else {
                self.canaries.address(address)
            };
            return (piece, address.len());
        }
        if first == '%' {
            // A directive of a naming schema.
            let length = rest.chars().take(2).map(char::len_utf8).sum();
            return (rest[..length].to_owned(), length);
        }
        let run = runs(rest).next().filter(|run| rest.starts_with(run));
        match run {
            None => (first.to_string(), first.len_utf8()),
            Some(run) if self.is_kept(run) => (run.to_owned(), run.len()),
            Some(run) => (self.canaries.word(run), run.len()),
        }
    }

    fn is_kept(&self, run: &str) -> bool {
        let tail = run.trim_start_matches(|char: char| char.is_ascii_digit() || char == '_');
        let is_amount = tail.len() < run.len() && UNITS.contains(&tail);
        let version = run.strip_prefix('v').unwrap_or_default();
        let is_version = version.starts_with(|char: char| char.is_ascii_digit())
            && version
                .trim_matches(|char: char| char.is_ascii_digit())
                .len()
                <= 5;
        tail.is_empty() || is_amount || is_version || self.kept.contains(&run.to_lowercase())
    }
}

/// Units of sizes and durations.
const UNITS: &[&str] = &[
    "", "B", "G", "Gi", "GiB", "K", "Ki", "KiB", "M", "Mi", "MiB", "P", "T", "Ti", "TiB", "h", "m",
    "ms", "s",
];

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_')
        .filter(|run| !run.is_empty())
}

/// An IPv4 address at the beginning.
fn address(text: &str) -> Option<&str> {
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.');
    let candidate = &text[..end.unwrap_or(text.len())];
    candidate
        .parse::<std::net::Ipv4Addr>()
        .is_ok()
        .then_some(candidate)
}
