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

/// What stands for a key that is no name of a field by its form.
pub const OTHER_FORM: &str = "(a key of another form)";

/// Hears of fields that were not decoded.
pub trait HearsIgnored: Send + Sync {
    /// Whether it wants to hear of the next answer of a list: to look takes time.
    fn is_listening(&self, what: &'static str) -> bool;
    /// Takes one field.
    fn hear(&self, ignored: &Ignored<'_>);
}

/// Who hears of fields that were not decoded.
pub type OnIgnored = Arc<dyn HearsIgnored>;

/// Decodes an answer; tells the listener, if there is one, what had no field.
pub(super) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
    listener: Option<&OnIgnored>,
) -> serde_json::Result<T> {
    let Some(listener) = listener.filter(|listener| listener.is_listening(what)) else {
        return serde_json::from_slice(bytes);
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_ignored::deserialize(&mut deserializer, |path| {
        let field = shown(&path.to_string());
        if ENVELOPE.contains(&field.as_str()) {
            return;
        }
        listener.hear(&Ignored {
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
        false => OTHER_FORM.to_owned(),
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

    struct Heard {
        is_listening: bool,
        fields: Mutex<Vec<String>>,
    }

    impl HearsIgnored for Heard {
        fn is_listening(&self, what: &'static str) -> bool {
            assert_eq!(what, "list");
            self.is_listening
        }

        fn hear(&self, ignored: &Ignored<'_>) {
            self.fields.lock().unwrap().push(ignored.field.to_owned());
        }
    }

    #[test]
    fn fields_without_a_place_are_told_by_name_and_values_never() {
        let heard = |is_listening| {
            let fields = Mutex::default();
            Arc::new(Heard {
                is_listening,
                fields,
            })
        };
        let (seen, deaf) = (heard(true), heard(false));
        let listener: OnIgnored = Arc::clone(&seen) as OnIgnored;
        let text = r#"{"kind":"x","items":[{"name":"a","chapSecret":"hidden"},{"name":null,"my key":"b"}]}"#;
        let with: Body = decode(text.as_bytes(), "list", Some(&listener)).unwrap();
        let without: Body = decode(text.as_bytes(), "list", None).unwrap();
        assert_eq!(with, without);
        assert_eq!(
            *seen.fields.lock().unwrap(),
            ["chapSecret", "(a key of another form)"]
        );
        let listener: OnIgnored = Arc::clone(&deaf) as OnIgnored;
        let unheard: Body = decode(text.as_bytes(), "list", Some(&listener)).unwrap();
        assert!(unheard == without && deaf.fields.lock().unwrap().is_empty());
        assert!(decode::<Body>(b"{} tail", "list", None).is_err());
    }
}
