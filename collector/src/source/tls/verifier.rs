//! Checks a server's certificate: chain and name by the CA, public key by the pins.
//!
//! A pin takes the place of the chain, never of the handshake signature: only that proves that the server holds the
//! key. A pinned certificate may be expired or named differently, which is what self-signed appliances are.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::source::AccessError;
use crate::source::tls::{SpkiPin, Trust};

/// The check of one server.
#[derive(Debug)]
pub(super) struct Verifier {
    chain: Option<Arc<WebPkiServerVerifier>>,
    pins: Vec<SpkiPin>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Prepares the check; refuses trust that is empty.
    pub(super) fn new(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Self, AccessError> {
        if trust.roots.is_empty() && trust.pins.is_empty() {
            return Err(AccessError::NoTrust);
        }
        let chain = if trust.roots.is_empty() {
            None
        } else {
            Some(chain_verifier(trust, provider)?)
        };
        Ok(Self {
            chain,
            pins: trust.pins.clone(),
            provider: Arc::clone(provider),
        })
    }
}

fn chain_verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, AccessError> {
    let unusable = AccessError::NotPem {
        what: "the CA certificate",
    };
    let mut roots = RootCertStore::empty();
    if trust
        .roots
        .iter()
        .any(|root| roots.add(root.clone()).is_err())
    {
        return Err(unusable);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|_| unusable)
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(chain) = &self.chain {
            chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        }
        if self.pins.is_empty() {
            return Ok(ServerCertVerified::assertion());
        }
        let pin = SpkiPin::of(end_entity)
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        if !self.pins.contains(&pin) {
            return Err(Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            ));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests;
