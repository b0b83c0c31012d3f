//! Rules S01 to S09: secrets that are known by how they begin. One pass over all bytes, whatever file they stand in.
//!
//! A byte that begins or marks one of the forms (an anchor) is looked at; all others cost one table look-up.

use super::form::{is_base64, is_edge, is_url_base64, is_word, run, run_back};
use super::hit::Rule;

/// The longest form that is recognised; more is not needed to know it.
const MAX_SPAN: usize = 512;

/// Length of the secret of a TrueNAS API key.
const TRUENAS_KEY_CHARS: usize = 64;

const ANCHORS: [bool; 256] = {
    let mut anchors = [false; 256];
    let marks = b"ABRgx_~./";
    let mut index = 0;
    while index < marks.len() {
        anchors[marks[index] as usize] = true;
        index += 1;
    }
    anchors
};

/// Whether a byte may mark a form.
#[inline]
pub(super) fn is_anchor(byte: u8) -> bool {
    ANCHORS[usize::from(byte)]
}

/// The form whose anchor stands at this place.
pub(super) fn at(bytes: &[u8], place: usize) -> Option<Rule> {
    let (before, rest) = bytes.split_at(place);
    let is_found = |rule, is_there: bool| is_there.then_some(rule);
    match rest[0] {
        b'A' => is_found(Rule::AgeIdentity, age_identity(rest))
            .or_else(|| is_found(Rule::CloudKey, access_key(before, rest))),
        b'B' => is_found(Rule::PrivateKey, private_key(before, rest)),
        b'R' => is_found(Rule::MinisignSecret, minisign_secret(before, rest)),
        b'g' => is_found(Rule::ForgeToken, forge_token(rest)),
        b'x' => is_found(Rule::ForgeToken, chat_token(rest)),
        b'_' => is_found(Rule::ForgeToken, hub_token(before, rest)),
        b'~' => is_found(Rule::OpenshiftToken, openshift_token(before, rest))
            .or_else(|| is_found(Rule::CloudKey, client_secret(before, rest))),
        b'.' => is_found(Rule::WebToken, web_token(before, rest)),
        b'/' => is_found(Rule::UrlPassword, url_password(before, rest)),
        _ => None,
    }
}

fn age_identity(rest: &[u8]) -> bool {
    let Some(tail) = rest.strip_prefix(b"AGE-SECRET-KEY-") else {
        return false;
    };
    let tail = tail.strip_prefix(b"PQ-").unwrap_or(tail);
    let is_bech32 = |byte: u8| b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".contains(&byte);
    tail.strip_prefix(b"1")
        .is_some_and(|tail| run(tail, is_bech32) >= 50)
}

fn private_key(before: &[u8], rest: &[u8]) -> bool {
    let Some(tail) = rest.strip_prefix(b"BEGIN ") else {
        return false;
    };
    let is_label = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
    let label = &tail[..run(&tail[..tail.len().min(52)], is_label)];
    before.ends_with(b"-----") && label.windows(11).any(|window| window == b"PRIVATE KEY")
}

/// `header.payload.`: the anchor is the first point.
fn web_token(before: &[u8], rest: &[u8]) -> bool {
    let payload = &rest[1..rest.len().min(MAX_SPAN * 8)];
    if !payload.starts_with(b"ey") {
        return false;
    }
    let window = &before[before.len().saturating_sub(MAX_SPAN)..];
    let header = &window[window.len() - run_back(window, is_url_base64)..];
    let starts = header.windows(2).enumerate().any(|(start, pair)| {
        pair == b"ey"
            && header.len() - start >= 19
            && is_edge(start.checked_sub(1).map(|at| &header[at]))
    });
    let length = run(payload, is_url_base64);
    starts && length >= 19 && payload.get(length) == Some(&b'.')
}

fn openshift_token(before: &[u8], rest: &[u8]) -> bool {
    let Some(head) = before.strip_suffix(b"sha256") else {
        return false;
    };
    is_edge(head.last()) && run(&rest[1..], is_url_base64) == 43
}

fn client_secret(before: &[u8], rest: &[u8]) -> bool {
    let is_part = |byte: u8| is_word(byte) || matches!(byte, b'~' | b'.');
    let [.., a, b, c, digit, b'Q'] = before else {
        return false;
    };
    let is_tail = |byte: u8| is_part(byte) || byte == b'-';
    [a, b, c].into_iter().all(|byte| is_part(*byte))
        && digit.is_ascii_digit()
        && run(&rest[1..], is_tail) >= 31
}

fn minisign_secret(before: &[u8], rest: &[u8]) -> bool {
    let is_begun = rest.starts_with(b"RWQAAEIy") || rest.starts_with(b"RWRTY0Iy");
    is_begun && is_edge(before.last()) && run(&rest[8..], is_base64) >= 200
}

fn access_key(before: &[u8], rest: &[u8]) -> bool {
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7');
    let is_amazon = [b"AKIA", b"ASIA", b"ABIA", b"ACCA"]
        .iter()
        .any(|prefix| rest.starts_with(prefix.as_slice()))
        && is_edge(before.last())
        && run(&rest[4..], is_upper) == 16
        && is_edge(rest.get(20));
    let is_google = || {
        rest.strip_prefix(b"AIza")
            .is_some_and(|tail| is_edge(before.last()) && run(tail, is_url_base64) >= 35)
    };
    is_amazon || is_google()
}

fn hub_token(before: &[u8], rest: &[u8]) -> bool {
    let [.., b'g', b'h', kind] = before else {
        return false;
    };
    b"pousr".contains(kind) && run(&rest[1..], |byte| byte.is_ascii_alphanumeric()) >= 36
}

fn forge_token(rest: &[u8]) -> bool {
    rest.strip_prefix(b"glpat-")
        .is_some_and(|tail| run(tail, is_url_base64) >= 20)
}

fn chat_token(rest: &[u8]) -> bool {
    let [b'x', b'o', b'x', kind, b'-', tail @ ..] = rest else {
        return false;
    };
    b"baprs".contains(kind) && run(tail, is_url_base64) >= 10
}

/// `scheme://user:password@`: the anchor is the second slash.
fn url_password(before: &[u8], rest: &[u8]) -> bool {
    let Some(scheme) = before.strip_suffix(b":/") else {
        return false;
    };
    if !scheme.last().is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    let tail = &rest[1..rest.len().min(MAX_SPAN)];
    let is_part = |byte: u8| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'@' | b'"');
    let user = run(tail, |byte| is_part(byte) && byte != b':');
    let Some(b':') = tail.get(user) else {
        return false;
    };
    let password = run(&tail[user + 1..], is_part);
    user > 0 && password > 0 && tail.get(user + 1 + password) == Some(&b'@')
}

/// S05, `number-secret`: found by its length. Looks at every 64th byte only, as no shorter run can be one.
pub(super) fn truenas_keys(bytes: &[u8], mut found: impl FnMut(usize)) {
    let mut probe = TRUENAS_KEY_CHARS - 1;
    while let Some(byte) = bytes.get(probe) {
        if !byte.is_ascii_alphanumeric() {
            probe += TRUENAS_KEY_CHARS;
            continue;
        }
        let is_in = |byte: u8| byte.is_ascii_alphanumeric();
        let start = probe - run_back(&bytes[..probe], is_in);
        let end = probe + run(&bytes[probe..], is_in);
        if end - start == TRUENAS_KEY_CHARS
            && is_edge(bytes.get(end))
            && has_number(&bytes[..start])
        {
            found(start);
        }
        probe = end + TRUENAS_KEY_CHARS;
    }
}

fn has_number(before: &[u8]) -> bool {
    let Some(number) = before.strip_suffix(b"-") else {
        return false;
    };
    let digits = run_back(number, |byte| byte.is_ascii_digit());
    (1..=6).contains(&digits) && is_edge(number[..number.len() - digits].last())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<Rule> {
        let bytes = text.as_bytes();
        let places = (0..bytes.len()).filter(|place| is_anchor(bytes[*place]));
        let mut rules: Vec<Rule> = places.filter_map(|place| at(bytes, place)).collect();
        truenas_keys(bytes, |_| rules.push(Rule::TruenasKey));
        rules
    }

    /// The text is found alone and inside a row; without its last or its first character it is not.
    #[track_caller]
    fn check(rule: Rule, text: &str) {
        for around in [text.to_owned(), format!("{{\"x\":\"{text}\"}}\n")] {
            assert!(rules(&around).contains(&rule), "{rule:?} {around}");
        }
    }

    #[track_caller]
    fn check_not(text: &str) {
        assert_eq!(rules(text), [], "{text}");
    }

    #[test]
    fn every_form_is_found() {
        let bech32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE";
        check(Rule::AgeIdentity, &format!("AGE-SECRET-KEY-1{bech32}"));
        check(Rule::AgeIdentity, &format!("AGE-SECRET-KEY-PQ-1{bech32}"));
        for label in ["", "RSA ", "OPENSSH ", "EC "] {
            check(
                Rule::PrivateKey,
                &format!("-----BEGIN {label}PRIVATE KEY-----"),
            );
        }
        let part = "eyJhbGciOiJSUzI1NiIsImtpZCI6";
        check(Rule::WebToken, &format!("{part}.{part}.c2lnbmF0dXJl"));
        check(
            Rule::OpenshiftToken,
            &format!("sha256~{}", "aB3_-".repeat(9)[..43].to_owned()),
        );
        check(Rule::TruenasKey, &format!("7-{}", "aB3x".repeat(16)));
        check(Rule::TruenasKey, &format!("123456-{}", "Z".repeat(64)));
        for begin in ["RWQAAEIy", "RWRTY0Iy"] {
            check(
                Rule::MinisignSecret,
                &format!("{begin}{}", "aB3/".repeat(51)),
            );
        }
        check(Rule::CloudKey, "AKIAIOSFODNN7EXAMPLE");
        check(Rule::CloudKey, &format!("AIza{}", "aB3_-".repeat(7)));
        check(
            Rule::CloudKey,
            &format!("abc8Q~{}", "aB3x-".repeat(7)[..33].to_owned()),
        );
        check(Rule::ForgeToken, &format!("ghp_{}", "aB3".repeat(12)));
        check(Rule::ForgeToken, &format!("glpat-{}", "aB3-_".repeat(4)));
        check(Rule::ForgeToken, "xoxb-1234567890-abc");
        check(Rule::UrlPassword, "https://user:pass@nas");
        check(Rule::UrlPassword, "smb://a:b%40c@x/y");
    }

    #[test]
    fn what_only_looks_alike_is_left() {
        check_not("AGE-SECRET-KEY-1SHORT");
        check_not("-----BEGIN CERTIFICATE-----");
        check_not("eyjhbgcioijsuzi1.eyjhbgcioijsuzi1");
        check_not(&format!("sha256:{}", "a".repeat(43)));
        check_not(&format!("sha256~{}", "a".repeat(44)));
        check_not(&format!("7-{}", "a".repeat(63)));
        check_not(&format!("7-{}", "a".repeat(65)));
        check_not(&format!("1234567-{}", "a".repeat(64)));
        check_not(&format!("x7-{}", "a".repeat(64)));
        check_not(&"a".repeat(64));
        check_not(&format!("RWQAAEIy{}", "a".repeat(199)));
        check_not("AKIAIOSFODNN7EXAMPL");
        check_not("XAKIAIOSFODNN7EXAMPLE");
        check_not("ghp_short glpat-short xoxb-short created_at");
        check_not("https://192.0.2.10:6443/api user@host http://a/b:c@d");
        check_not("leaf-jhey7oqjnv64kbz3 ds/4sjhsjdwowvf7dru/kmeyg6nwkiqgzfry");
    }

    #[test]
    fn key_is_found_at_every_alignment() {
        for shift in 0..130 {
            let text = format!("{}-7-{}", ".".repeat(shift), "b".repeat(64));
            assert_eq!(rules(&text), [Rule::TruenasKey], "{shift}");
        }
    }
}
