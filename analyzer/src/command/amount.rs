//! Ages and sizes as they are written on a command line.

pub(crate) const DAY_SECS: i64 = 86_400;

/// An age such as `30d`, `36h` or `90m`, in seconds.
pub(crate) fn age(text: &str) -> Result<i64, String> {
    let unit_secs = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => DAY_SECS,
        _ => 0,
    };
    amount(text.strip_suffix(['m', 'h', 'd']), unit_secs)
        .ok_or_else(|| "write an age like 30d, 36h or 90m".to_owned())
}

/// Bytes such as `500GiB`.
pub(crate) fn bytes(text: &str) -> Result<i64, String> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let power = match text.strip_prefix(digits) {
        Some("KiB") => 10,
        Some("MiB") => 20,
        Some("GiB") => 30,
        Some("TiB") => 40,
        Some("PiB") => 50,
        _ => 63,
    };
    let unit_bytes = 1_i64.checked_shl(power).filter(|unit| *unit > 0);
    amount(Some(digits), unit_bytes.unwrap_or(0))
        .ok_or_else(|| "write an amount like 500GiB or 2TiB".to_owned())
}

fn amount(digits: Option<&str>, unit: i64) -> Option<i64> {
    let digits = digits?;
    let is_number = digits.chars().all(|char| char.is_ascii_digit());
    let number = digits.parse::<i64>().ok().filter(|_| is_number)?;
    number.checked_mul(unit).filter(|amount| *amount > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_amounts_have_a_number_and_a_unit() {
        assert_eq!(age("30d"), Ok(30 * DAY_SECS));
        assert_eq!(age("36h"), Ok(36 * 3_600));
        assert_eq!(age("90m"), Ok(5_400));
        assert_eq!(bytes("500GiB"), Ok(500 << 30));
        assert_eq!(bytes("1PiB"), Ok(1 << 50));
        for text in [
            "",
            "d",
            "0d",
            "30",
            "+3d",
            "-3d",
            "30dd",
            "3é",
            "9999999999999999d",
        ] {
            assert!(age(text).is_err(), "{text}");
        }
        for text in ["", "GiB", "0GiB", "5", "5GB", "-5GiB", "1.5GiB", "9000PiB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
