//! Reads the `Date` header: a server's clock, for ages inside one clock.

use jiff::fmt::rfc2822::DateTimeParser;

/// Unix seconds of an HTTP date; nothing when it is not one.
pub(super) fn parse_http_date(text: &str) -> Option<i64> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER
        .parse_timestamp(text)
        .ok()
        .map(|timestamp| timestamp.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_date_becomes_unix_seconds() {
        assert_eq!(
            parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
    }

    #[test]
    fn text_that_is_no_date_is_nothing() {
        assert_eq!(parse_http_date("yesterday"), None);
        assert_eq!(parse_http_date(""), None);
    }
}
