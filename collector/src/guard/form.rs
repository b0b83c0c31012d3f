//! Classes of bytes that the rules are made of.

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A word or a dash: base64 as URLs have it.
pub(super) fn is_url_base64(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Number of bytes of a class at the start.
pub(super) fn run(bytes: &[u8], is_in: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|byte| !is_in(*byte))
        .unwrap_or(bytes.len())
}

/// Number of bytes of a class at the end.
pub(super) fn run_back(bytes: &[u8], is_in: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .rev()
        .position(|byte| !is_in(*byte))
        .unwrap_or(bytes.len())
}

/// Whether no word goes on before or after the place.
pub(super) fn is_edge(neighbour: Option<&u8>) -> bool {
    neighbour.is_none_or(|byte| !is_word(*byte))
}
