//! Kubernetes quantities as whole bytes or thousandths of a processor.

/// Reads a quantity such as `8Gi`, `1500M`, `1e9` or `12`; fractions of a byte are rounded up.
pub(super) fn bytes(text: &str) -> Option<i64> {
    times(text, 1)
}

/// Reads a quantity such as `500m` or `2` in thousandths, rounded up.
pub(super) fn millis(text: &str) -> Option<i64> {
    times(text, 1_000)
}

fn times(text: &str, factor: i128) -> Option<i64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '+' || c == '-'))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let scale: i128 = match suffix {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "P" => 1_000_000_000_000_000,
        "E" => 1_000_000_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        "Pi" => 1 << 50,
        "Ei" => 1 << 60,
        "m" => return divided(number, factor, 1_000),
        "u" => return divided(number, factor, 1_000_000),
        "n" => return divided(number, factor, 1_000_000_000),
        _ => {
            let exponent: u32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            10_i128.checked_pow(exponent)?
        }
    };
    let (scaled, divisor) = decimal(number)?;
    ceil(scaled.checked_mul(scale)?.checked_mul(factor)?, divisor)
}

fn divided(number: &str, factor: i128, divisor: i128) -> Option<i64> {
    let (scaled, own) = decimal(number)?;
    ceil(scaled.checked_mul(factor)?, own.checked_mul(divisor)?)
}

/// A decimal number as an integer and the power of ten to divide it by.
fn decimal(number: &str) -> Option<(i128, i128)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let divisor = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some((digits, divisor))
}

fn ceil(number: i128, divisor: i128) -> Option<i64> {
    let whole = number.div_euclid(divisor) + i128::from(number.rem_euclid(divisor) != 0);
    i64::try_from(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(bytes(text), expected, "{text}");
    }

    #[test]
    fn every_form_of_a_quantity_is_read() {
        check("8Gi", Some(8 << 30));
        check("1.5Gi", Some(3 << 29));
        check("100M", Some(100_000_000));
        check("53687091200", Some(53_687_091_200));
        check("1e3", Some(1_000));
        check("1E", Some(1_000_000_000_000_000_000));
        check("1500m", Some(2));
        check("0", Some(0));
    }

    #[test]
    fn processors_are_counted_in_thousandths() {
        assert_eq!(millis("500m"), Some(500));
        assert_eq!(millis("1.5"), Some(1_500));
        assert_eq!(millis("2"), Some(2_000));
        assert_eq!(millis("100u"), Some(1));
    }

    #[test]
    fn text_that_is_no_quantity_has_no_bytes() {
        check("", None);
        check("Gi", None);
        check("8GB", None);
        check("100Ei", None);
        check("1e99", None);
    }
}
