//! Rule S13: runs of characters as random as a key.

use super::form::{is_base64, run};

const MIN_HEX: usize = 32;
const MIN_BASE64: usize = 40;

/// Bits a character; text of people stays below.
const HEX_BITS: f64 = 3.0;
const BASE64_BITS: f64 = 4.3;

/// Whether a slash separates names, or belongs to base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slash {
    /// A path.
    Separates,
    /// Unknown text.
    Belongs,
}

/// Whether a text holds a run that looks like a key.
pub(super) fn is_in(text: &[u8], slash: Slash) -> bool {
    if text.len() < MIN_HEX {
        return false;
    }
    let is_part = |byte| is_base64(byte) && (byte != b'/' || slash == Slash::Belongs);
    let mut rest = text;
    while !rest.is_empty() {
        let length = run(rest, is_part);
        let (piece, tail) = rest.split_at(length);
        if is_random(piece) {
            return true;
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    false
}

fn is_random(piece: &[u8]) -> bool {
    if piece.len() < MIN_HEX {
        return false;
    }
    let mut rest = piece;
    while rest.len() >= MIN_HEX {
        let length = run(rest, |byte| byte.is_ascii_hexdigit());
        if length >= MIN_HEX && entropy(&rest[..length]) > HEX_BITS {
            return true;
        }
        rest = &rest[(length + 1).min(rest.len())..];
    }
    piece.len() >= MIN_BASE64 && entropy(piece) > BASE64_BITS
}

/// Bits a character, after Shannon.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "be0453aa91c27d6e8f30415263748596";
    const BASE64: &str = "q1W2e3R4t5Y6u7I8o9P0aSdFgHjKlZxCvBnM+/x1";

    #[test]
    fn keys_are_found_and_names_are_not() {
        for text in [HEX, &HEX.to_uppercase(), BASE64] {
            for around in [text.to_owned(), format!("a b:{text}, c")] {
                assert!(is_in(around.as_bytes(), Slash::Belongs), "{around}");
            }
        }
        for text in [
            &HEX[..31],
            &BASE64[..39],
            &"0".repeat(64),
            &"abcd".repeat(20),
            "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5",
            "/apis/snapshot.storage.k8s.io/v1/volumesnapshotcontents",
            "volume-source-for-volume-pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5",
        ] {
            assert!(!is_in(text.as_bytes(), Slash::Belongs), "{text}");
        }
    }

    #[test]
    fn path_of_tokens_is_no_key_but_a_key_in_a_path_is() {
        let path = "jhey7oqjnv64kbz3/4sjhsjdwowvf7dru/kmeyg6nwkiqgzfry";
        assert!(!is_in(path.as_bytes(), Slash::Separates));
        assert!(is_in(path.as_bytes(), Slash::Belongs));
        let key = format!("{path}/{HEX}");
        assert!(is_in(key.as_bytes(), Slash::Separates));
    }
}
