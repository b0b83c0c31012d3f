//! An IP network in one form, however it is written.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network: the first address and how many bits of it are the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subnet {
    first: IpAddr,
    pub(super) bits: u8,
}

impl Subnet {
    /// Reads `ADDRESS/BITS`, `ADDRESS/MASK` or an address, which is a network of its own; bits of a host are cut.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, rest) = match text.trim().split_once('/') {
            Some((address, rest)) => (address, Some(rest)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = match rest {
            None => width,
            Some(rest) => rest.parse().ok().or_else(|| mask_bits(rest))?,
        };
        (bits <= width).then(|| Self::new(address, bits))
    }

    fn new(address: IpAddr, bits: u8) -> Self {
        match address {
            IpAddr::V4(v4) => {
                let kept = u32::MAX.checked_shl(u32::from(32 - bits)).unwrap_or(0);
                Self {
                    first: Ipv4Addr::from_bits(v4.to_bits() & kept).into(),
                    bits,
                }
            }
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) if bits >= 96 => Self::new(v4.into(), bits - 96),
                _ => {
                    let kept = u128::MAX.checked_shl(u32::from(128 - bits)).unwrap_or(0);
                    Self {
                        first: Ipv6Addr::from_bits(v6.to_bits() & kept).into(),
                        bits,
                    }
                }
            },
        }
    }

    /// Everybody, or the machine itself: says nothing about a site.
    pub(super) fn is_well_known(self) -> bool {
        self.bits == 0 || self.first.is_loopback()
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.bits)
    }
}

/// The length of a dotted mask without holes.
fn mask_bits(text: &str) -> Option<u8> {
    let mask: Ipv4Addr = text.parse().ok()?;
    let bits = mask.to_bits().leading_ones();
    let is_whole = mask.to_bits().count_ones() == bits;
    is_whole.then(|| u8::try_from(bits).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = Subnet::parse(text).map(|subnet| subnet.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn one_network_has_one_form() {
        for text in [
            "10.10.0.0/22",
            "10.10.1.7/22",
            "10.10.3.255/255.255.252.0",
            " 10.10.0.1/22 ",
        ] {
            check(text, Some("10.10.0.0/22"));
        }
        check("10.10.0.5", Some("10.10.0.5/32"));
        check("2001:db8:0:0::5/64", Some("2001:db8::/64"));
        check("::ffff:10.10.0.0/118", Some("10.10.0.0/22"));
        check("0.0.0.0/0", Some("0.0.0.0/0"));
        check("1.2.3.4/0", Some("0.0.0.0/0"));
        check("::/0", Some("::/0"));
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in [
            "",
            "nas",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/x",
            "10.0.0.0/255.0.255.0",
            "*",
        ] {
            check(text, None);
        }
    }
}
