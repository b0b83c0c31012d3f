//! Makes text from bundles inert for people: what cannot be seen, or reorders what is seen, is shown as an escape.
//!
//! Markup is escaped by each renderer; this module is about control characters, bidirectional overrides and
//! invisible characters, which are dangerous in every format.

use serde_json::Value;

/// Whether a character must never reach a reader as itself.
pub(super) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
            | '\u{E000}'..='\u{F8FF}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{10FFFF}')
}

/// The text with every character that fails `is_fine`, or deceives, written as `\u{202e}`.
pub(super) fn visible_if(text: &str, is_fine: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_deceptive(c) || !is_fine(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// The text with deceptive characters written as escapes.
pub(crate) fn visible(text: &str) -> String {
    visible_if(text, |_| true)
}

/// Applies `visible_if` to every string of a value; keys are ours and stay.
pub(super) fn visible_value(value: &mut Value, is_fine: &impl Fn(char) -> bool) {
    match value {
        Value::String(text) => *text = visible_if(text, is_fine),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| visible_value(item, is_fine)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| visible_value(field, is_fine)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_and_control_characters_become_escapes() {
        assert_eq!(
            visible("a\u{202E}b\x1b[31m\n"),
            "a\\u{202e}b\\u{1b}[31m\\u{a}"
        );
    }

    #[test]
    fn ordinary_letters_of_any_script_and_thin_spaces_stay() {
        assert_eq!(visible("größe 容量 82\u{202F}%"), "größe 容量 82\u{202F}%");
    }
}
