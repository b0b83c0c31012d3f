//! What an answer held and no gatherer has a field for: names of fields, never values. Stays on site.

use std::sync::Arc;

use serde::de::DeserializeOwned;

/// The longest path of a field that is told.
const MAX_CHARS: usize = 128;

/// Fields of the envelope of every answer.
const ENVELOPE: &[&str] = &["apiVersion", "id", "jsonrpc", "kind", "msg"];

/// One field that was not decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored<'a> {
    /// Path or method that was read, compiled in.
    pub what: &'static str,
    /// Names of keys from the object down, `*` for each item of a list.
    pub field: &'a str,
}

/// Called with every field that was not decoded.
pub type OnIgnored = Arc<dyn Fn(&Ignored<'_>) + Send + Sync>;

/// Decodes an answer; tells the listener, if there is one, what had no field.
pub(super) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
    listener: Option<&OnIgnored>,
) -> serde_json::Result<T> {
    let Some(listener) = listener else {
        return serde_json::from_slice(bytes);
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_ignored::deserialize(&mut deserializer, |path| {
        let field = shown(&path.to_string());
        if ENVELOPE.contains(&field.as_str()) {
            return;
        }
        listener(&Ignored {
            what,
            field: &field,
        });
    })?;
    deserializer.end()?;
    Ok(value)
}

/// The path without the envelope; what a person may have typed as a key is not shown.
fn shown(path: &str) -> String {
    let mut steps: Vec<&str> = path
        .split('.')
        .filter(|step| *step != "?")
        .map(
            |step| match step.bytes().all(|byte| byte.is_ascii_digit()) {
                true => "*",
                false => step,
            },
        )
        .collect();
    if matches!(steps.first(), Some(&("items" | "result"))) && steps.len() > 1 {
        steps.remove(0);
    }
    if steps.first() == Some(&"*") && steps.len() > 1 {
        steps.remove(0);
    }
    let field = steps.join(".");
    let is_plain = field
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._-*$".contains(&byte));
    match is_plain && field.len() <= MAX_CHARS {
        true => field,
        false => "(a key of another form)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::sync::Mutex;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Body {
        items: Option<Vec<Item>>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Item {
        name: Option<String>,
    }

    #[test]
    fn fields_without_a_place_are_told_by_name_and_values_never() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let listener: OnIgnored = Arc::new(move |ignored| {
            kept.lock().unwrap().push(ignored.field.to_owned());
        });
        let text = r#"{"kind":"x","items":[{"name":"a","chapSecret":"hidden"},{"name":null,"my key":"b"}]}"#;
        let with: Body = decode(text.as_bytes(), "list", Some(&listener)).unwrap();
        let without: Body = decode(text.as_bytes(), "list", None).unwrap();
        assert_eq!(with, without);
        assert_eq!(
            *seen.lock().unwrap(),
            ["chapSecret", "(a key of another form)"]
        );
        assert!(decode::<Body>(b"{} tail", "list", Some(&listener)).is_err());
    }
}
