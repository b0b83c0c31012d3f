//! What was found and where. The text itself is nowhere kept.

use std::fmt;

/// One rule of the exit scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Secret key of age.
    AgeIdentity,
    /// Block of a private key.
    PrivateKey,
    /// JSON web token, as service accounts have.
    WebToken,
    /// Token of OpenShift.
    OpenshiftToken,
    /// API key of TrueNAS.
    TruenasKey,
    /// Secret key of minisign.
    MinisignSecret,
    /// Key of a cloud.
    CloudKey,
    /// Token of a forge or chat.
    ForgeToken,
    /// URL with a password.
    UrlPassword,
    /// Name of a key that holds secrets.
    SecretName,
    /// Address of a mailbox.
    Email,
    /// IP or MAC address.
    Address,
    /// Random-looking run of characters.
    Blob,
    /// A live secret of this run.
    Known,
}

impl Rule {
    /// The short name, as documents and messages have it.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::AgeIdentity => "S01",
            Self::PrivateKey => "S02",
            Self::WebToken => "S03",
            Self::OpenshiftToken => "S04",
            Self::TruenasKey => "S05",
            Self::MinisignSecret => "S06",
            Self::CloudKey => "S07",
            Self::ForgeToken => "S08",
            Self::UrlPassword => "S09",
            Self::SecretName => "S10",
            Self::Email => "S11",
            Self::Address => "S12",
            Self::Blob => "S13",
            Self::Known => "S14",
        }
    }
}

/// One place where a rule holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: Rule,
    /// Entry of the archive.
    pub(super) file: String,
    /// Line, from 1.
    pub(super) line: usize,
    /// Names of keys down to the value; `*` for one that no schema knows.
    pub(super) pointer: String,
}

impl fmt::Display for Hit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} at {} line {}",
            self.rule.id(),
            self.file,
            self.line
        )?;
        if self.pointer.is_empty() {
            return Ok(());
        }
        write!(formatter, " {}", self.pointer)
    }
}

/// Places that are named; one is enough to know what is wrong.
const MAX_NAMED: usize = 8;

/// The file is not written.
#[derive(Debug, Default, thiserror::Error)]
#[error(
    "the exit scan found {n} place{s} with the form of a secret or name, and nothing was written: {places}; \
     this is a defect of the program: report the rule and the place, never the text",
    n = .0.len(),
    s = if .0.len() == 1 { "" } else { "s" },
    places = places(.0)
)]
pub(crate) struct Refused(pub(super) Vec<Hit>);

fn places(hits: &[Hit]) -> String {
    let named: Vec<String> = hits
        .iter()
        .take(MAX_NAMED)
        .map(ToString::to_string)
        .collect();
    let more = if hits.len() > MAX_NAMED { ", .." } else { "" };
    named.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_and_bounded() {
        let hit = Hit {
            rule: Rule::Blob,
            file: "data/k8s_pv/000000.jsonl".to_owned(),
            line: 3,
            pointer: "/handle".to_owned(),
        };
        let text = Refused(vec![hit.clone()]).to_string();
        assert!(
            text.contains("1 place with")
                && text.contains("S13 at data/k8s_pv/000000.jsonl line 3 /handle"),
            "{text}"
        );
        let text = Refused(vec![hit; 20]).to_string();
        assert_eq!(text.matches("S13").count(), MAX_NAMED);
        assert!(text.contains("20 places"), "{text}");
    }
}
