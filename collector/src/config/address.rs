//! Address of an appliance: `wss://HOST[:PORT]`, and nothing that would send a key in clear.

/// Where an appliance is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Name or address, without brackets.
    pub(crate) host: String,
    /// Port of the web interface.
    pub(crate) port: u16,
}

/// The transports are chosen by the server's version, so a path can only repeat what is known.
const PATHS: &[&str] = &["", "/", "/api/current", "/websocket"];

impl Address {
    /// Reads a URL; the error says what to write.
    pub(super) fn parse(url: &str) -> Result<Self, &'static str> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err("give the appliance as wss://HOST[:PORT]");
        };
        match scheme {
            "wss" => {}
            "ws" | "http" => return Err("a key sent over ws:// is revoked by TrueNAS; use wss://"),
            _ => return Err("give the appliance as wss://HOST[:PORT]"),
        }
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if !PATHS.contains(&path) {
            return Err("leave the path out; it follows from the version of the appliance");
        }
        if authority.contains('@') {
            return Err("leave user and password out; name the key file with `api_key_file`");
        }
        Self::of_authority(authority).ok_or("give the appliance as wss://HOST[:PORT]")
    }

    /// Reads `HOST[:PORT]`; IPv6 addresses stand in brackets.
    pub(crate) fn of_authority(authority: &str) -> Option<Self> {
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (host, port.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Some(443), |port| port.parse().ok())?;
        let is_host = !host.is_empty() && !host.contains(['?', '#', ' ']);
        is_host.then(|| Self {
            host: host.to_owned(),
            port,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Result<(&str, u16), &str>) {
        let found = Address::parse(url);
        match expected {
            Ok((host, port)) => assert_eq!(
                found,
                Ok(Address {
                    host: host.to_owned(),
                    port
                })
            ),
            Err(words) => assert!(found.unwrap_err().contains(words), "{url}"),
        }
    }

    #[test]
    fn only_tls_is_spoken_and_no_credential_stands_in_a_url() {
        check("wss://192.0.2.50/api/current", Ok(("192.0.2.50", 443)));
        check("wss://nas.example:8443", Ok(("nas.example", 8443)));
        check("wss://[2001:db8::1]:8443/", Ok(("2001:db8::1", 8443)));
        check("ws://192.0.2.50/api/current", Err("revoked by TrueNAS"));
        check("http://192.0.2.50", Err("revoked by TrueNAS"));
        check("https://192.0.2.50", Err("wss://HOST"));
        check("192.0.2.50", Err("wss://HOST"));
        check("wss://a:b@nas.example", Err("api_key_file"));
        check("wss://nas.example/api/v2.0", Err("path"));
        check("wss://:443", Err("wss://HOST"));
        check("wss://nas.example:99999", Err("wss://HOST"));
    }
}
