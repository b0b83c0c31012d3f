//! Trust as configured, and the TLS configuration that follows from it.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SupportedProtocolVersion};
use truenas_common::secret::Secret;

use crate::source::AccessError;
use crate::source::secret_file::read_bounded;
use crate::source::tls::SpkiPin;
use crate::source::tls::verifier::Verifier;

/// A CA file with a few hundred certificates is far below.
const MAX_CA_FILE: usize = 1024 * 1024;

/// The oldest TLS version that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinTls {
    /// For appliances that cannot do better.
    Tls12,
    /// Nothing older than TLS 1.3.
    #[default]
    Tls13,
}

/// Certificate authorities and pinned keys. With both, both must hold; with neither, nothing is trusted.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub(super) roots: Vec<CertificateDer<'static>>,
    pub(super) pins: Vec<SpkiPin>,
    min_tls: MinTls,
}

/// A client certificate with its key, from a kubeconfig.
#[derive(Clone, Debug)]
pub struct ClientIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<Secret<Vec<u8>>>,
}

impl Trust {
    /// Reads the CA files and joins them with the pins.
    pub fn from_files(
        ca_files: &[PathBuf],
        pins: &[SpkiPin],
        min_tls: MinTls,
    ) -> Result<Self, AccessError> {
        let mut trust = Self {
            pins: pins.to_vec(),
            min_tls,
            ..Self::default()
        };
        for path in ca_files {
            trust.roots.extend(certificates(
                &read_bounded(path, MAX_CA_FILE)?,
                "the CA file",
            )?);
        }
        if trust.roots.is_empty() && trust.pins.is_empty() {
            return Err(AccessError::NoTrust);
        }
        Ok(trust)
    }

    /// Trusts the authorities of a PEM text.
    pub fn from_ca_pem(pem: &[u8]) -> Result<Self, AccessError> {
        Ok(Self {
            roots: certificates(pem, "the CA certificate")?,
            ..Self::default()
        })
    }

    /// The same trust with another oldest TLS version.
    #[must_use]
    pub fn with_min_tls(self, min_tls: MinTls) -> Self {
        Self { min_tls, ..self }
    }

    /// Makes the TLS configuration: HTTP/1.1, no resumption, so that every connection is verified in full.
    pub(in crate::source) fn client_config(
        &self,
        identity: Option<&ClientIdentity>,
    ) -> Result<ClientConfig, AccessError> {
        let provider = provider();
        let verifier = Verifier::new(self, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions(self.min_tls))
            .map_err(|_| AccessError::NotPem {
                what: "the TLS provider",
            })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_auth_cert(identity.chain.clone(), identity.key()?)
                .map_err(|_| AccessError::NotPem {
                    what: "the client certificate and its key",
                })?,
        };
        config.resumption = rustls::client::Resumption::disabled();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl ClientIdentity {
    /// Reads a certificate chain and a private key, both PEM.
    pub fn from_pem(chain: &[u8], key: Secret<Vec<u8>>) -> Result<Self, AccessError> {
        let identity = Self {
            chain: certificates(chain, "the client certificate")?,
            key: Arc::new(key),
        };
        identity.key()?;
        Ok(identity)
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, AccessError> {
        PrivateKeyDer::from_pem_slice(self.key.expose()).map_err(|_| AccessError::NotPem {
            what: "the client key",
        })
    }
}

/// The one cryptography provider of this program.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(super) fn versions(min_tls: MinTls) -> &'static [&'static SupportedProtocolVersion] {
    static BOTH: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
    match min_tls {
        MinTls::Tls13 => &BOTH[..1],
        MinTls::Tls12 => &BOTH,
    }
}

fn certificates(
    pem: &[u8],
    what: &'static str,
) -> Result<Vec<CertificateDer<'static>>, AccessError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| AccessError::NotPem { what })?;
    if certificates.is_empty() {
        return Err(AccessError::NotPem { what });
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ca_and_no_pin_is_no_trust() {
        assert!(matches!(
            Trust::from_files(&[], &[], MinTls::Tls13),
            Err(AccessError::NoTrust)
        ));
        assert!(matches!(
            Trust::default().client_config(None),
            Err(AccessError::NoTrust)
        ));
    }

    #[test]
    fn ca_file_without_a_certificate_is_refused() {
        assert!(matches!(
            Trust::from_ca_pem(b"not a certificate\n"),
            Err(AccessError::NotPem { .. })
        ));
        assert!(matches!(
            Trust::from_ca_pem(b""),
            Err(AccessError::NotPem { .. })
        ));
    }

    #[test]
    fn only_tls_13_is_spoken_unless_asked() {
        assert_eq!(versions(MinTls::default()).len(), 1);
        assert_eq!(versions(MinTls::Tls12).len(), 2);
    }
}
