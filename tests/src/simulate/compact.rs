//! JSON texts without the blanks between their tokens.

/// Removes the blanks between the tokens of a JSON text.
pub(super) fn compact(text: &str) -> Box<str> {
    let mut result = String::with_capacity(text.len());
    let mut kept_to = 0;
    let (mut is_inside, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        if !is_inside && byte.is_ascii_whitespace() {
            result.push_str(&text[kept_to..at]);
            kept_to = at + 1;
        }
        is_inside ^= byte == b'"' && !is_escaped;
        is_escaped = is_inside && byte == b'\\' && !is_escaped;
    }
    result.push_str(&text[kept_to..]);
    result.into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(&*compact(text), expected);
    }

    #[test]
    fn blanks_between_tokens_go_and_inside_strings_stay() {
        check("{ \"a b\\\" c\" : [ 1,\n 2 ] }", "{\"a b\\\" c\":[1,2]}");
        check("[\"\\\\\", 1]", "[\"\\\\\",1]");
        check(" [\"ä  ö\"]\t", "[\"ä  ö\"]");
        check("{}", "{}");
    }
}
