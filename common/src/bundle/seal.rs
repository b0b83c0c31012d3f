//! age encryption to X25519 recipients, and the limits a reader puts on the header.

use std::io::{self, Read, Write};
use std::str::FromStr as _;

use age::secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::limits::Limits;

/// Encryption or decryption that cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Not an X25519 recipient.
    #[error(
        "`{text}` is not an age recipient; it begins with age1 and comes from `truenas-analyzer keygen analyst`"
    )]
    Recipient {
        /// What was given, shortened.
        text: String,
    },
    /// Not an X25519 identity.
    #[error("not an age identity file; it holds one line that begins with AGE-SECRET-KEY-1")]
    Identity,
    /// 1 to 20 are allowed.
    #[error("a bundle needs 1 to 20 recipients, not {n}")]
    Count {
        /// How many were given.
        n: usize,
    },
    /// The file does not begin with an age header within the limits.
    #[error("not an age file for X25519 recipients")]
    Header,
    /// No identity fits.
    #[error("not encrypted to this key")]
    NotForMe,
    /// The library failed otherwise.
    #[error("age failed")]
    Age(#[source] io::Error),
}

/// Public key of somebody who may read bundles.
#[derive(Clone, Debug)]
pub struct Recipient {
    key: age::x25519::Recipient,
    text: String,
}

impl Recipient {
    /// Reads `age1…`.
    ///
    /// # Errors
    /// [`SealError::Recipient`]: SSH keys, passphrases, plugins and post-quantum recipients are not accepted.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let key =
            age::x25519::Recipient::from_str(text.trim()).map_err(|_| SealError::Recipient {
                text: text.chars().take(16).collect(),
            })?;
        Ok(Self {
            text: key.to_string(),
            key,
        })
    }

    /// `age1…`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Secret key of a recipient.
#[derive(Clone)]
pub struct Identity(age::x25519::Identity);

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl Identity {
    /// Makes a new one.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// Reads a stock identity file: comments and one key.
    ///
    /// # Errors
    /// [`SealError::Identity`].
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let mut keys = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (Some(key), None) = (keys.next(), keys.next()) else {
            return Err(SealError::Identity);
        };
        age::x25519::Identity::from_str(key)
            .map(Self)
            .map_err(|_| SealError::Identity)
    }

    /// The stock identity file.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "# public key: {}\n{}\n",
            self.0.to_public(),
            self.0.to_string().expose_secret()
        ))
    }

    /// Public half.
    pub fn recipient(&self) -> Recipient {
        let key = self.0.to_public();
        Recipient {
            text: key.to_string(),
            key,
        }
    }
}

/// Encrypts a small text with a passphrase, for key files.
///
/// # Errors
/// [`SealError::Age`].
pub fn protect(text: &str, passphrase: &str) -> Result<Vec<u8>, SealError> {
    let encryptor = age::Encryptor::with_user_passphrase(age::secrecy::SecretString::from(
        passphrase.to_owned(),
    ));
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(SealError::Age)?;
    writer.write_all(text.as_bytes()).map_err(SealError::Age)?;
    writer.finish().map_err(SealError::Age)?;
    Ok(sealed)
}

/// Decrypts what [`protect`] or `age -p` wrote.
///
/// # Errors
/// [`SealError::NotForMe`] for a wrong passphrase, [`SealError::Header`] for another file.
pub fn unprotect(sealed: &[u8], passphrase: &str) -> Result<Zeroizing<String>, SealError> {
    let identity =
        age::scrypt::Identity::new(age::secrecy::SecretString::from(passphrase.to_owned()));
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| SealError::Header)?;
    let mut reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|_| SealError::NotForMe)?;
    let mut text = Zeroizing::new(String::new());
    reader.read_to_string(&mut text).map_err(SealError::Age)?;
    Ok(text)
}

/// Starts encrypting.
pub(super) fn encrypt<W: Write>(
    recipients: &[Recipient],
    out: W,
) -> Result<age::stream::StreamWriter<W>, SealError> {
    if !(1..=20).contains(&recipients.len()) {
        return Err(SealError::Count {
            n: recipients.len(),
        });
    }
    let encryptor =
        age::Encryptor::with_recipients(recipients.iter().map(|recipient| &recipient.key as _))
            .map_err(|_| SealError::Header)?;
    encryptor.wrap_output(out).map_err(SealError::Age)
}

/// Starts decrypting bytes whose outer signature has been checked.
pub(super) fn decrypt<'a>(
    sealed: &'a [u8],
    identities: &[Identity],
    limits: &Limits,
) -> Result<impl Read + use<'a>, SealError> {
    check_header(sealed, limits)?;
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| SealError::Header)?;
    decryptor
        .decrypt(identities.iter().map(|identity| &identity.0 as _))
        .map_err(|_| SealError::NotForMe)
}

/// Version line, then stanzas, then `---`: counted before the library sees them.
fn check_header(sealed: &[u8], limits: &Limits) -> Result<(), SealError> {
    let head = &sealed[..sealed.len().min(limits.header_bytes)];
    let mut lines = head.split(|byte| *byte == b'\n');
    if lines.next() != Some(b"age-encryption.org/v1") {
        return Err(SealError::Header);
    }
    let mut n_stanzas = 0;
    for line in lines {
        if line.starts_with(b"--- ") {
            return if n_stanzas > 0 {
                Ok(())
            } else {
                Err(SealError::Header)
            };
        }
        let Some(stanza) = line.strip_prefix(b"-> ") else {
            continue;
        };
        let kind = stanza
            .split(|byte| *byte == b' ')
            .next()
            .unwrap_or_default();
        if kind != b"X25519" && !kind.ends_with(b"-grease") {
            return Err(SealError::Header);
        }
        n_stanzas += 1;
        if n_stanzas > limits.n_stanzas {
            return Err(SealError::Header);
        }
    }
    Err(SealError::Header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, is_accepted: bool) {
        assert_eq!(
            check_header(header.as_bytes(), &Limits::default()).is_ok(),
            is_accepted,
            "{header:.80}"
        );
    }

    #[test]
    fn headers_outside_the_profile_are_refused_before_the_library_sees_them() {
        let stanza = "-> X25519 abc\ndef\n";
        check(&format!("age-encryption.org/v1\n{stanza}--- mac\n"), true);
        check(
            &format!("age-encryption.org/v1\n{stanza}-> x-grease\n\n--- mac\n"),
            true,
        );
        check(
            &format!("age-encryption.org/v1\n{}--- mac\n", stanza.repeat(20)),
            true,
        );
        check(
            &format!("age-encryption.org/v1\n{}--- mac\n", stanza.repeat(21)),
            false,
        );
        check(
            &format!("age-encryption.org/v1\n{stanza}-> scrypt salt 18\nx\n--- mac\n"),
            false,
        );
        check(
            &format!("age-encryption.org/v1\n{stanza}-> mlkem768x25519 x\ny\n--- mac\n"),
            false,
        );
        check(
            &format!("age-encryption.org/v1\n{stanza}{}", "x".repeat(70_000)),
            false,
        );
        check("age-encryption.org/v1\n--- mac\n", false);
        check("-----BEGIN AGE ENCRYPTED FILE-----\n", false);
    }

    #[test]
    fn a_protected_identity_opens_only_with_its_passphrase() {
        let identity = Identity::generate();
        let sealed = protect(&identity.to_text(), "correct horse").unwrap();
        let opened = unprotect(&sealed, "correct horse").unwrap();
        assert_eq!(
            Identity::parse(&opened).unwrap().recipient().as_str(),
            identity.recipient().as_str()
        );
        assert!(matches!(
            unprotect(&sealed, "wrong"),
            Err(SealError::NotForMe)
        ));
    }
}
