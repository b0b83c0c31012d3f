//! Names of sites and bundles. A convenience for people: only the signed copy counts.

use std::fmt;

use crate::time::Time;

/// The text is not a name of its kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// Site aliases are short and meaningless on purpose.
    #[error(
        "a site name has 4 to 16 characters of a-z and 0-9, and should not name a company or host"
    )]
    Site,
    /// Not `<site>-<seq>-<time>`.
    #[error("a bundle name looks like k3f9-000042-20261123T184000Z")]
    Bundle,
}

/// Random alias of a site: 4 to 16 of `[a-z0-9]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteName(String);

impl SiteName {
    /// Reads an alias.
    ///
    /// # Errors
    /// Any other length or character.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let is_valid = (4..=16).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if is_valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::Site)
        }
    }

    /// The alias.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// `<site>-<seq, at least six digits>-<YYYYMMDDTHHMMSSZ>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleName {
    /// Site.
    pub site: SiteName,
    /// Number in the chain, from 1.
    pub seq: u64,
    time: String,
}

impl BundleName {
    /// Composes a name.
    pub fn new(site: SiteName, seq: u64, time: Time) -> Self {
        Self {
            site,
            seq,
            time: time.compact(),
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// Anything that [`BundleName::new`] would not have written.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut parts = text.split('-');
        let (Some(site), Some(seq), Some(time), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NameError::Bundle);
        };
        let site = SiteName::parse(site)?;
        let number: u64 = seq.parse().map_err(|_| NameError::Bundle)?;
        let is_time = time.len() == 16
            && time.bytes().enumerate().all(|(index, byte)| match index {
                8 => byte == b'T',
                15 => byte == b'Z',
                _ => byte.is_ascii_digit(),
            });
        if number == 0 || format!("{number:06}") != seq || !is_time {
            return Err(NameError::Bundle);
        }
        Ok(Self {
            site,
            seq: number,
            time: time.to_owned(),
        })
    }

    /// Name of the encrypted file.
    pub fn file_name(&self) -> String {
        format!("{self}.tar.zst.age")
    }
}

impl fmt::Display for BundleName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{:06}-{}", self.site, self.seq, self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_near_misses_are_refused() {
        for name in [
            "k3f9-000042-20261123T184000Z",
            "k3f9-1000000-20261123T184000Z",
        ] {
            assert_eq!(BundleName::parse(name).unwrap().to_string(), name);
        }
        for name in [
            "k3f9-42-20261123T184000Z",
            "k3f9-000000-20261123T184000Z",
            "k3f9-0000042-20261123T184000Z",
            "K3f9-000042-20261123T184000Z",
            "k3f9-000042-20261123T184000",
            "k3f9-000042-20261123T184000Z-x",
            "k3f-000042-20261123T184000Z",
            "../k3f9-000042-20261123T184000Z",
        ] {
            assert!(BundleName::parse(name).is_err(), "{name}");
        }
    }
}
