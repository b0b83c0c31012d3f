//! Durations as Go writes them.

/// A duration such as `90s`, `1m30s` or `500ms` in whole seconds, rounded up.
pub(super) fn whole_secs(text: &str) -> Option<i64> {
    let mut millis: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let scale: i64 = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole: i64 = whole.parse().ok()?;
        let tenths: i64 = fraction
            .get(..1)
            .map_or(Some(0), |digit| digit.parse().ok())?;
        millis = millis.checked_add(whole.checked_mul(scale)?.checked_add(tenths * scale / 10)?)?;
        rest = tail;
    }
    Some(millis.checked_add(999)? / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds() {
        assert_eq!(whole_secs("1m30s"), Some(90));
        assert_eq!(whole_secs("500ms"), Some(1));
        assert_eq!(whole_secs("1.5m"), Some(90));
        assert_eq!(whole_secs("720h0m0s"), Some(2_592_000));
        assert_eq!(whole_secs("90"), None);
        assert_eq!(whole_secs(""), None);
        assert_eq!(whole_secs("s"), None);
    }
}
