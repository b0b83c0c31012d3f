//! Finds secrets that were pasted into the configuration, by the name of the key and by the form of the value.

/// Names of keys that would hold a secret.
const KEYS: &[&str] = &[
    "api_key",
    "apikey",
    "passphrase",
    "password",
    "private_key",
    "secret",
    "secret_key",
    "site_key",
    "token",
];

/// The first line with a secret, and its key or the form of its value.
pub(super) fn find(text: &str) -> Option<(u64, String)> {
    (1..)
        .zip(text.lines())
        .find_map(|(number, line)| secret_of(line).map(|key| (number, key)))
}

fn secret_of(line: &str) -> Option<String> {
    let line = line.trim_start_matches([' ', '-', '{']);
    if line.starts_with('#') {
        return form_of(line).map(str::to_owned);
    }
    let key = line.split(':').next().unwrap_or_default();
    let key = key.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    if line.contains(':') && KEYS.contains(&key.as_str()) {
        return Some(key);
    }
    form_of(line).map(str::to_owned)
}

/// Recognises secrets by what they look like.
fn form_of(line: &str) -> Option<&'static str> {
    if line.contains("AGE-SECRET-KEY-") {
        return Some("AGE-SECRET-KEY");
    }
    if line.contains("-----BEGIN") && line.contains("PRIVATE KEY") {
        return Some("PRIVATE KEY");
    }
    let is_word = |char: char| char.is_ascii_alphanumeric() || "-+/=".contains(char);
    line.split(|char| !is_word(char)).find_map(|word| {
        if is_api_key(word) {
            Some("API key")
        } else if is_minisign_secret(word) {
            Some("minisign secret key")
        } else if word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Some("64 hexadecimal digits")
        } else {
            None
        }
    })
}

/// `ID-KEY` as TrueNAS shows it: a number, a dash, 64 letters and digits.
fn is_api_key(word: &str) -> bool {
    word.split_once('-').is_some_and(|(id, key)| {
        !id.is_empty()
            && id.bytes().all(|byte| byte.is_ascii_digit())
            && key.len() >= 40
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The base64 line of a secret key file is the only one of this length that begins so.
fn is_minisign_secret(word: &str) -> bool {
    word.len() > 200 && word.starts_with("RW")
}
