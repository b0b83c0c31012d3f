//! TrueNAS versions, as far as they decide what can be asked.

use std::fmt;

/// Major, minor and patch number, like 25.10.5, 24.04.2 or 13.3.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Year since 22, or the FreeBSD version before.
    pub major: u16,
    /// Month, 0 from 26 on.
    pub minor: u16,
    /// Update.
    pub patch: u16,
}

impl Version {
    /// The first version with JSON-RPC and with keys that belong to a user.
    pub const JSON_RPC: Self = Self::new(25, 4);

    /// The first version with SCRAM.
    pub const SCRAM: Self = Self::new(26, 0);

    /// The newest version that was looked at.
    pub const NEWEST: Self = Self::SCRAM;

    /// A version without patch number.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self {
            major,
            minor,
            patch: 0,
        }
    }

    /// Reads the first `N.N` or `N.N.N` of a text like `TrueNAS-SCALE-24.04.2.5` or `v25.10.0`.
    pub fn parse(text: &str) -> Option<Self> {
        text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .find_map(|part| {
                let mut numbers = part.split('.').map(str::parse::<u16>);
                let major = numbers.next()?.ok()?;
                let minor = numbers.next()?.ok()?;
                let patch = numbers.next().and_then(Result::ok).unwrap_or(0);
                Some(Self {
                    major,
                    minor,
                    patch,
                })
            })
    }

    /// The release line, without the patch number: what the documentation speaks of.
    pub const fn line(self) -> Self {
        Self::new(self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.major {
            // The minor number is a month.
            22..=25 => write!(formatter, "{}.{:02}.{}", self.major, self.minor, self.patch),
            _ => write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u16, u16, u16)>) {
        let version = Version::parse(text);
        assert_eq!(
            version.map(|version| (version.major, version.minor, version.patch)),
            expected
        );
    }

    #[test]
    fn every_form_of_the_name_is_read() {
        check("TrueNAS-13.3-U1.2", Some((13, 3, 0)));
        check("TrueNAS-SCALE-22.12.4.2", Some((22, 12, 4)));
        check("TrueNAS-SCALE-24.04.2.5", Some((24, 4, 2)));
        check("TrueNAS-25.10.5", Some((25, 10, 5)));
        check("TrueNAS-26.0.0-BETA.3", Some((26, 0, 0)));
        check("v25.04.1", Some((25, 4, 1)));
    }

    #[test]
    fn text_without_a_version_has_none() {
        check("", None);
        check("TrueNAS", None);
        check("1", None);
        check("..", None);
        check("99999999.1", None);
    }

    #[test]
    fn version_is_shown_as_the_releases_write_it() {
        for text in ["13.3.0", "24.04.2", "25.10.5", "26.0.0"] {
            assert_eq!(Version::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn versions_are_ordered_by_release() {
        assert!(Version::new(24, 10) < Version::JSON_RPC && Version::JSON_RPC < Version::SCRAM);
        assert!(Version::parse("25.10.5") >= Some(Version::new(25, 10)));
        assert_eq!(
            Version::parse("25.10.5").map(Version::line),
            Some(Version::new(25, 10))
        );
    }
}
