//! Rules S11 and S12: mailboxes, IP and MAC addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::form::{is_word, run, run_back};

/// Whether a text holds the address of a mailbox.
pub(super) fn has_email(text: &[u8]) -> bool {
    let is_local = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'+' | b'-');
    let is_host = |byte: u8| is_word(byte) || byte == b'-';
    (0..text.len()).any(|at| {
        if text[at] != b'@' || run_back(&text[..at], is_local) == 0 {
            return false;
        }
        let host = &text[at + 1..];
        let length = run(host, is_host);
        length > 0
            && host.get(length) == Some(&b'.')
            && host
                .get(length + 1)
                .is_some_and(|byte| is_host(*byte) || *byte == b'.')
    })
}

/// Whether a text holds an address that leads somewhere: not loopback, not every address.
pub(super) fn has_address(text: &str) -> bool {
    if !text.contains(['.', ':', '-']) {
        return false;
    }
    pieces(text, |char| char.is_ascii_digit() || char == '.').any(is_ip4)
        || pieces(text, |char| {
            char.is_ascii_hexdigit() || matches!(char, ':' | '.')
        })
        .any(|piece| is_ip6(piece) || is_mac(piece, ':'))
        || pieces(text, |char| char.is_ascii_hexdigit() || char == '-').any(|piece| {
            // Six groups of two digits are also how a date is written.
            is_mac(piece, '-') && piece.contains(|char: char| char.is_ascii_alphabetic())
        })
}

fn pieces(text: &str, is_in: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |char| !is_in(char))
        .filter(|piece| piece.len() >= 3)
}

fn is_ip4(piece: &str) -> bool {
    let piece = piece.trim_matches('.');
    piece
        .parse::<Ipv4Addr>()
        .is_ok_and(|address| leads_somewhere(address.into()))
}

fn is_ip6(piece: &str) -> bool {
    if piece.matches(':').count() < 2 {
        return false;
    }
    piece
        .parse::<Ipv6Addr>()
        .is_ok_and(|address| leads_somewhere(address.into()))
}

fn leads_somewhere(address: IpAddr) -> bool {
    !address.is_unspecified() && !address.is_loopback()
}

fn is_mac(piece: &str, separator: char) -> bool {
    let mut n_pairs = 0;
    for pair in piece.split(separator) {
        if pair.len() != 2 {
            return false;
        }
        n_pairs += 1;
    }
    n_pairs == 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_inside_text() {
        for text in [
            "192.0.2.50",
            "x-192.0.2.50:3260",
            "5.2.0.192.in-addr.arpa",
            "2001:db8::1",
            "[fe80::1]:443",
            "::ffff:192.0.2.1",
            "00:25:90:ab:cd:ef",
            "00-25-90-ab-cd-ef",
        ] {
            assert!(has_address(text), "{text}");
        }
    }

    #[test]
    fn what_leads_nowhere_and_what_is_no_address_is_left() {
        for text in [
            "0.0.0.0",
            "127.0.0.1",
            "::",
            "::1",
            "24.04.2",
            "1.2.3.4.5",
            "300.1.2.3",
            "2026-11-23T18:40:00Z",
            "auto-26-11-20-03-00-59",
            "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5",
            "jhey7oqjnv64kbz3.4sjhsjdwowvf7dru",
            "pool.dataset.query",
            "a::b:x",
        ] {
            assert!(!has_address(text), "{text}");
        }
    }

    #[test]
    fn mailbox_needs_a_name_and_a_host_with_a_point() {
        for text in ["a@b.c", "first.last+tag@mail.example.com", "<x@y.z>"] {
            assert!(has_email(text.as_bytes()), "{text}");
        }
        for text in ["tank@auto-2026", "@b.c", "a@", "a@.c", "a@b."] {
            assert!(!has_email(text.as_bytes()), "{text}");
        }
    }
}
