//! A rotation statement: the old site key signs the file of the new public key.

use super::comment::{Fields, number};
use super::name::SiteName;
use super::sign::{self, KeyError, Signature, SitePublicKey, SiteSecretKey};
use crate::time::Time;

/// A statement that does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotationError {
    /// A file is not what it must be.
    #[error("rotation statement cannot be read")]
    Key(#[source] KeyError),
    /// The old key did not make it.
    #[error(
        "rotation statement is not signed by the key that it replaces; ask the site for the fingerprint of the new key"
    )]
    NotSigned,
    /// The signed comment is not of this format.
    #[error("rotation statement has a signed comment of another format")]
    Comment,
    /// Another site.
    #[error("rotation statement is of another site")]
    Site,
    /// The new key is the old one.
    #[error("rotation statement replaces a key by itself")]
    SameKey,
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Site.
    pub site: SiteName,
    /// First bundle number that the new key signs.
    pub from_seq: u64,
    /// First calendar day of the new key, `YYYY-MM-DD`.
    pub not_before: String,
    /// The new key.
    pub key: SitePublicKey,
}

/// States that `new` follows `old`; the text is the content of the new public key's `.minisig`.
pub fn announce(
    new: &SitePublicKey,
    old: &SiteSecretKey,
    site: &SiteName,
    from_seq: u64,
    not_before: Time,
) -> String {
    let line = format!(
        "rotate\tsite:{site}\tfrom_seq:{from_seq}\tnot_before:{}",
        not_before.day()
    );
    let prehash = sign::prehash(new.to_text().as_bytes());
    old.sign(&prehash, &line).to_text("rotation of a site key")
}

/// Checks a statement against the key that it replaces; both texts are whole files.
///
/// # Errors
/// See [`RotationError`].
pub fn check_rotation(
    public: &str,
    signature: &str,
    old: &SitePublicKey,
    site: &SiteName,
) -> Result<Rotation, RotationError> {
    let key = SitePublicKey::parse(public).map_err(RotationError::Key)?;
    let signature = Signature::parse(signature).map_err(RotationError::Key)?;
    if !old.verifies(&signature, &sign::prehash(public.as_bytes())) {
        return Err(RotationError::NotSigned);
    }
    let rotation = parse(signature.trusted_comment(), key).ok_or(RotationError::Comment)?;
    if rotation.site != *site {
        return Err(RotationError::Site);
    }
    if rotation.key.fingerprint() == old.fingerprint() {
        return Err(RotationError::SameKey);
    }
    Ok(rotation)
}

fn parse(line: &str, key: SitePublicKey) -> Option<Rotation> {
    let mut fields = Fields::new(line)?;
    fields.next("rotate").filter(|rest| rest.is_empty())?;
    let rotation = Rotation {
        site: SiteName::parse(fields.next("site:")?).ok()?,
        from_seq: fields
            .next("from_seq:")
            .and_then(number)
            .filter(|seq| *seq > 0)?,
        not_before: fields
            .next("not_before:")
            .filter(|day| is_day(day))?
            .to_owned(),
        key,
    };
    let known = ["rotate", "site:", "from_seq:", "not_before:"];
    fields
        .rest()
        .all(|field| !field.is_empty() && !known.iter().any(|name| field.starts_with(name)))
        .then_some(rotation)
}

fn is_day(text: &str) -> bool {
    Time::parse(&format!("{text}T00:00:00Z")).is_some_and(|time| time.day() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SiteSecretKey {
        SiteSecretKey::new(&[seed; 32], [seed; 8])
    }

    fn site(name: &str) -> SiteName {
        SiteName::parse(name).unwrap()
    }

    fn check(public: &str, signature: &str) -> Result<Rotation, RotationError> {
        check_rotation(public, signature, &key(1).public(), &site("k3f9"))
    }

    #[test]
    fn statement_of_the_old_key_names_the_new_one() {
        let new = key(2).public();
        let at = Time::from_unix_secs(1_798_761_600);
        let text = announce(&new, &key(1), &site("k3f9"), 366, at);
        assert!(text.contains("rotate\tsite:k3f9\tfrom_seq:366\tnot_before:2027-01-01\n"));
        let rotation = check(&new.to_text(), &text).unwrap();
        assert_eq!((rotation.from_seq, &rotation.key), (366, &new));
        assert_eq!(rotation.not_before, "2027-01-01");
    }

    #[test]
    fn statement_of_another_key_site_or_file_is_refused() {
        let new = key(2).public();
        let at = Time::from_unix_secs(1_798_761_600);
        let text = announce(&new, &key(3), &site("k3f9"), 366, at);
        assert_eq!(check(&new.to_text(), &text), Err(RotationError::NotSigned));
        let text = announce(&new, &key(1), &site("q8w2"), 366, at);
        assert_eq!(check(&new.to_text(), &text), Err(RotationError::Site));
        let text = announce(&new, &key(1), &site("k3f9"), 366, at);
        let other = key(4).public().to_text();
        assert_eq!(check(&other, &text), Err(RotationError::NotSigned));
        let edited = text.replace("from_seq:366", "from_seq:1");
        assert_eq!(
            check(&new.to_text(), &edited),
            Err(RotationError::NotSigned)
        );
        let own = key(1).public();
        let text = announce(&own, &key(1), &site("k3f9"), 366, at);
        assert_eq!(check(&own.to_text(), &text), Err(RotationError::SameKey));
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let day = "rotate\tsite:k3f9\tfrom_seq:366\tnot_before:2027-01-01";
        assert!(parse(day, key(2).public()).is_some());
        assert!(parse(&format!("{day}\tlater:1"), key(2).public()).is_some());
        for (from, to) in [
            ("rotate", "rotates"),
            ("from_seq:366", "from_seq:0366"),
            ("from_seq:366", "from_seq:0"),
            ("2027-01-01", "2027-02-30"),
            ("2027-01-01", "tomorrow"),
            ("site:k3f9\t", ""),
            ("from_seq:366", "from_seq:366\tsite:k3f9"),
        ] {
            assert!(
                parse(&day.replace(from, to), key(2).public()).is_none(),
                "{to}"
            );
        }
        let repeated = format!("{day}\tfrom_seq:1");
        assert!(parse(&repeated, key(2).public()).is_none());
    }
}
