//! Files beside the tables: `bundle.json` as JSON, the rest as lines of text.

use serde_json::Value;

use super::hit::{Hit, Rule};
use super::{address, blob, key_name};

/// Values of `bundle.json` that are digests or public keys.
const DIGESTS: &[&str] = &[
    "/prev",
    "/site_key_sha256",
    "/stream",
    "/redaction/key_check",
];

/// Lists of public keys.
const KEYS: &str = "/recipients";

/// Looks at a whole file.
pub(super) fn scan(path: &str, bytes: &[u8], hits: &mut Vec<Hit>) {
    let mut found = |rule, line, pointer: String| {
        hits.push(Hit {
            rule,
            file: path.to_owned(),
            line,
            pointer,
        });
    };
    if path.ends_with(".json") {
        match serde_json::from_slice(bytes) {
            Ok(value) => return walk(&value, "", &mut |rule, pointer| found(rule, 1, pointer)),
            Err(_) => found(Rule::Blob, 1, String::new()),
        }
    }
    let is_digests = path.starts_with("manifest-") || path.starts_with("tagmanifest-");
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = String::from_utf8_lossy(line);
        for rule in text(&line) {
            if !(is_digests && rule == Rule::Blob) {
                found(rule, number, String::new());
            }
        }
    }
}

fn walk(value: &Value, pointer: &str, found: &mut dyn FnMut(Rule, String)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let is_plain = key.len() <= 32
                    && key.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()
                    });
                let shown = if is_plain { key.as_str() } else { "*" };
                let inner = format!("{pointer}/{shown}");
                if key_name::is_secret(key.as_bytes()) {
                    found(Rule::SecretName, format!("{pointer}/*"));
                }
                walk(value, &inner, found);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                walk(value, &format!("{pointer}/{index}"), found);
            }
        }
        Value::String(string) => {
            let is_digest = DIGESTS.contains(&pointer) || pointer.starts_with(KEYS);
            for rule in text(string) {
                if !(is_digest && rule == Rule::Blob) {
                    found(rule, pointer.to_owned());
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// S11 to S13 over a text of which nothing is known.
pub(super) fn text(text: &str) -> impl Iterator<Item = Rule> {
    let email = address::has_email(text.as_bytes()).then_some(Rule::Email);
    let address = address::has_address(text).then_some(Rule::Address);
    let blob = blob::is_in(text.as_bytes(), blob::Slash::Belongs).then_some(Rule::Blob);
    [email, address, blob].into_iter().flatten()
}
