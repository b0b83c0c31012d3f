//! Rule S10: a key whose name says that it holds a secret, and that no schema has.

const WORDS: &[&[u8]] = &[
    b"passw",
    b"secret",
    b"token",
    b"apikey",
    b"api_key",
    b"chap",
    b"passphrase",
    b"credential",
    b"private",
];

/// Whether the name of a key speaks of a secret.
pub(super) fn is_secret(key: &[u8]) -> bool {
    WORDS.iter().any(|word| {
        key.windows(word.len())
            .any(|window| window.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_place() {
        for key in ["iscsi.chapSecret", "API_KEY", "userPassword", "x_private_y"] {
            assert!(is_secret(key.as_bytes()), "{key}");
        }
        for key in ["key_check", "name", "pass", "capacity_bytes", ""] {
            assert!(!is_secret(key.as_bytes()), "{key}");
        }
    }
}
