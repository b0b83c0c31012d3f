//! Looks at a certificate to print its pin, sending nothing and trusting nothing.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::source::tls::connect::connect;
use crate::source::tls::trust::{provider, versions};
use crate::source::tls::{MinTls, spki_pin};
use crate::source::{SourceError, Timeouts, TlsKind};

/// Reads a server's certificate and gives its pin as `sha256/BASE64`; a person must compare it before it is trusted.
///
/// The handshake is broken off as soon as the certificate is there, so nothing is ever sent over it.
pub async fn fetch_pin(host: &str, port: u16) -> Result<String, SourceError> {
    let seen = Arc::new(Seen {
        leaf: Mutex::new(None),
        provider: provider(),
    });
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions(MinTls::Tls12))
        .map_err(|_| TlsKind::Handshake)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&seen) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let outcome = connect(host, port, Arc::new(config), &Timeouts::default()).await;
    let leaf = seen.leaf.lock().ok().and_then(|mut leaf| leaf.take());
    match (leaf, outcome) {
        (Some(leaf), _) => spki_pin(&leaf),
        (None, Err(error)) => Err(error),
        (None, Ok(_)) => Err(TlsKind::Handshake.into()),
    }
}

/// Keeps the leaf and refuses it.
#[derive(Debug)]
struct Seen {
    leaf: Mutex<Option<CertificateDer<'static>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut leaf) = self.leaf.lock() {
            *leaf = Some(end_entity.clone().into_owned());
        }
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
