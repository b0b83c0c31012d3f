//! Portals and servers, taken apart into host and port.

/// Splits `host`, `host:port`, `[v6]:port`, `v6` or `tcp://host:port?x`.
pub(super) fn split(text: &str, default_port: i64) -> Option<(&str, i64)> {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['?', '/']).next().unwrap_or(text);
    if text.is_empty() {
        return None;
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (host, tail) = rest.split_once(']')?;
        let port = tail.strip_prefix(':').and_then(|port| port.parse().ok());
        return Some((host, port.unwrap_or(default_port)));
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => {
            Some((host, port.parse().unwrap_or(default_port)))
        }
        _ => Some((text, default_port)),
    }
}

/// True for addresses that stand for every address, or for the machine itself.
pub(super) fn is_wildcard(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_unspecified() || address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_portal_is_taken_apart() {
        for (text, expected) in [
            ("10.10.0.5:3260", Some(("10.10.0.5", 3260))),
            ("nas.example", Some(("nas.example", 9))),
            ("[2001:db8::1]:3261", Some(("2001:db8::1", 3261))),
            ("2001:db8::1", Some(("2001:db8::1", 9))),
            (
                "tcp://10.10.0.5:4420?host-iface=eth0",
                Some(("10.10.0.5", 4420)),
            ),
            ("", None),
        ] {
            assert_eq!(split(text, 9), expected, "{text}");
        }
    }

    #[test]
    fn wildcards_are_no_addresses() {
        assert!(is_wildcard("0.0.0.0") && is_wildcard("::") && is_wildcard("127.0.0.1"));
        assert!(!is_wildcard("10.10.0.5") && !is_wildcard("nas"));
    }
}
