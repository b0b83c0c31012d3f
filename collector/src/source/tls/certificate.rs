//! The one field of a certificate that the TLS crates do not show: which hash its issuer signed with.

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;

/// The `tls-server-end-point` channel binding of RFC 5929: the hash of the whole certificate, by the hash function of
/// its signature; SHA-256 in place of MD5 and SHA-1, and where the signature names none.
pub(in crate::source) fn channel_binding(certificate: &CertificateDer<'_>) -> Vec<u8> {
    match signature_algorithm(certificate) {
        Some(RSA_SHA224 | ECDSA_SHA224) => Sha224::digest(certificate).to_vec(),
        Some(RSA_SHA384 | ECDSA_SHA384) => Sha384::digest(certificate).to_vec(),
        Some(RSA_SHA512 | ECDSA_SHA512) => Sha512::digest(certificate).to_vec(),
        _ => Sha256::digest(certificate).to_vec(),
    }
}

const RSA_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e];
const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
const ECDSA_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01];
const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];

/// `Certificate ::= SEQUENCE { tbs SEQUENCE, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER, .. }, .. }`
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (_, after_tbs) = element(certificate, SEQUENCE)?;
    let (algorithm, _) = element(after_tbs, SEQUENCE)?;
    let (object_id, _) = element(algorithm, OBJECT_ID)?;
    Some(object_id)
}

/// Splits one DER element into its content and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    if length < 0x80 {
        return rest.split_at_checked(usize::from(length));
    }
    let n_bytes = usize::from(length & 0x7f);
    if !(1..=3).contains(&n_bytes) {
        return None;
    }
    let (length, rest) = rest.split_at_checked(n_bytes)?;
    let length = length
        .iter()
        .fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(algorithm: &'static rcgen::SignatureAlgorithm, n_bytes: usize) {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["nas".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        assert_eq!(channel_binding(certificate.der()).len(), n_bytes);
    }

    #[test]
    fn binding_uses_the_hash_of_the_certificate_signature() {
        check(&rcgen::PKCS_ECDSA_P256_SHA256, 32);
        check(&rcgen::PKCS_ECDSA_P384_SHA384, 48);
    }

    #[test]
    fn signature_without_a_named_hash_binds_with_sha256() {
        check(&rcgen::PKCS_ED25519, 32);
    }

    #[test]
    fn damaged_der_has_no_algorithm() {
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x84\x00\x00\x00\x01",
            b"\x30\x80",
            b"\x30\x7f\x30\x00",
            b"\x31\x00",
        ] {
            assert_eq!(signature_algorithm(bytes), None);
        }
    }
}
