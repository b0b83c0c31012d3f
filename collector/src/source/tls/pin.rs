//! Pins: the SHA-256 of a certificate's public key, as `openssl` users know it.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use webpki::EndEntityCert;

use crate::source::{AccessError, SourceError, TlsKind};

/// The SHA-256 of a SubjectPublicKeyInfo; survives the renewal of a certificate that keeps its key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpkiPin([u8; 32]);

impl SpkiPin {
    /// Takes the pin of a certificate.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, webpki::Error> {
        let certificate = EndEntityCert::try_from(certificate)?;
        Ok(Self(
            Sha256::digest(certificate.subject_public_key_info()).into(),
        ))
    }
}

impl FromStr for SpkiPin {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        let encoded = text.strip_prefix("sha256/").ok_or(AccessError::NotAPin)?;
        let bytes = BASE64
            .decode(encoded.as_bytes())
            .map_err(|_| AccessError::NotAPin)?;
        bytes.try_into().map(Self).map_err(|_| AccessError::NotAPin)
    }
}

impl fmt::Display for SpkiPin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sha256/{}", BASE64.encode(&self.0))
    }
}

impl fmt::Debug for SpkiPin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The pin of a DER certificate as text, `sha256/BASE64`.
pub fn spki_pin(certificate: &[u8]) -> Result<String, SourceError> {
    let pin = SpkiPin::of(&CertificateDer::from(certificate))
        .map_err(|_| TlsKind::UntrustedCertificate)?;
    Ok(pin.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A P-256 certificate and the pin that `openssl x509 -pubkey | openssl pkey | openssl dgst` gives for it.
    const CERTIFICATE: &str = "\
        MIIBmzCCAUGgAwIBAgIURu+gq/ibn1mKjhiMAbdISLm1bd4wCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLbmFzLmV4YW1wbGUwIBcN\
        MjYxMTIzMjIwNzQ5WhgPMjEyNjEwMzAyMjA3NDlaMBYxFDASBgNVBAMMC25hcy5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0D\
        AQcDQgAELsfvSePoZNMGC7WLlcrFu5ia3kBhkaKIU5/asnVGCDgaXomLH6ghAervWuL7smnaKDvwmBEUFDI3FprIjMfnOaNrMGkw\
        HQYDVR0OBBYEFHUldFAYKW+LLmOu5Z2hqyGmWKLzMB8GA1UdIwQYMBaAFHUldFAYKW+LLmOu5Z2hqyGmWKLzMA8GA1UdEwEB/wQF\
        MAMBAf8wFgYDVR0RBA8wDYILbmFzLmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIhAKPnMtgcQIAP6tldw0f4HCdaVgrCZkTyJRSR\
        dxw0ral2AiAY4IVKo9WkZTMH6xNUlciW+F47RJJ/1zeM+j+NiyvOfQ==";
    const PIN: &str = "sha256/D+yveGLuc9Hs/oE+pC5CDfiwoVTHK6Uiul2gASO+iQU=";

    #[test]
    fn pin_is_the_one_that_openssl_prints() {
        let certificate = BASE64.decode(CERTIFICATE.as_bytes()).unwrap();
        assert_eq!(spki_pin(&certificate).unwrap(), PIN);
    }

    #[test]
    fn pin_survives_text() {
        assert_eq!(PIN.parse::<SpkiPin>().unwrap().to_string(), PIN);
    }

    #[test]
    fn pins_of_other_forms_are_refused() {
        for text in [
            "",
            "sha256/",
            "sha256/AAAA",
            "sha1/AAAA",
            PIN.trim_start_matches("sha256/"),
            &format!("{PIN}="),
        ] {
            assert!(text.parse::<SpkiPin>().is_err(), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_certificate_have_no_pin() {
        assert!(spki_pin(b"").is_err());
        assert!(spki_pin(b"0\x03abc").is_err());
    }
}
