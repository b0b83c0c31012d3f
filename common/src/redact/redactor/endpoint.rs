//! Names of the ends of a connection: hosts, networks, targets and shares.

use std::net::IpAddr;

use super::{Redactor, nfc};
use crate::redact::kind::*;
use crate::redact::pattern;
use crate::redact::subnet::Subnet;

impl Redactor {
    /// An address: IP in canonical form, or a DNS name chained from the right. Ports and zones are the caller's to cut.
    pub fn host(&self, host: &str) -> Host {
        let host = host.trim().trim_matches(['[', ']']);
        let bare = host.split('%').next().unwrap_or(host);
        match bare.parse::<IpAddr>() {
            Ok(address) => self.address(address),
            Err(_) => Token::new(self.dns(host)),
        }
    }

    fn address(&self, address: IpAddr) -> Host {
        let address = match address {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        let text = address.to_string();
        if address.is_unspecified() || address.is_loopback() {
            return Token::new(text);
        }
        match address {
            IpAddr::V4(_) => Token::new(self.flat::<marker::Ip4Kind>(&text).as_str()),
            IpAddr::V6(_) => Token::new(self.flat::<marker::Ip6Kind>(&text).as_str()),
        }
    }

    /// An IP network with its prefix length; nothing when the text is none. Addresses are never hashed below it: the two
    /// sides of a join know different masks.
    pub fn network(&self, network: &str) -> Option<(Network, i64)> {
        let subnet = Subnet::parse(network)?;
        let token = match subnet.is_well_known() {
            true => Token::new(subnet.to_string()),
            false => self.flat(&subnet.to_string()),
        };
        Some((token, subnet.bits.into()))
    }

    /// A DNS name without prefix, as in the published vectors.
    pub(super) fn dns(&self, name: &str) -> String {
        let name = name.trim_end_matches('.').to_lowercase();
        if name == "localhost" {
            self.release(&name);
            return name;
        }
        let mut tokens: Vec<String> = Vec::new();
        let mut start = name.len();
        for label in name.rsplit('.') {
            start -= label.len();
            // The parent is written from the root down, as the vectors have it.
            let token = self.text::<marker::DnsKind>(&tokens.join("."), label, |token| {
                let parents = tokens.iter().rev().map(String::as_str);
                let labels: Vec<&str> = std::iter::once(token).chain(parents).collect();
                (labels.join("."), name[start..].to_owned())
            });
            start = start.saturating_sub(1);
            tokens.push(token);
        }
        tokens.reverse();
        tokens.join(".")
    }

    /// An IQN cut at the first `:`; without one there is no suffix.
    pub fn iqn(&self, iqn: &str) -> (IqnBase, Option<Asset>) {
        let iqn = iqn.to_lowercase();
        let (base, suffix) = match iqn.split_once(':') {
            Some((base, suffix)) => (base, Some(suffix)),
            None => (iqn.as_str(), None),
        };
        let base = if base == pattern::VENDOR_IQN_BASE {
            self.release(base);
            Token::new(base)
        } else {
            self.flat(base)
        };
        (base, suffix.map(|suffix| self.asset(suffix)))
    }

    /// A target, extent or assets name, lower case.
    pub fn asset(&self, name: &str) -> Asset {
        let name = name.to_lowercase();
        if name.strip_prefix("pvc-").is_some_and(pattern::is_uuid_v4) {
            Token::new(name)
        } else {
            self.flat(&name)
        }
    }

    /// An SMB share name: NFC, then lower case.
    pub fn smb(&self, name: &str) -> SmbName {
        self.flat(&nfc(name).to_lowercase())
    }
}
