//! Certificates of one simulation: an authority and one leaf for every server on loopback.

use std::sync::Arc;

use data_encoding::BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData,
};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;

use super::SimulateError;

/// The certificates of one simulation.
pub(super) struct Tls {
    /// Accepts TLS 1.2 and 1.3 with the leaf.
    pub(super) acceptor: TlsAcceptor,
    /// The authority, PEM.
    pub(super) ca_pem: String,
    /// Pin of the leaf's public key, `sha256/BASE64`.
    pub(super) spki_pin: String,
    /// Channel binding data `tls-server-end-point` (RFC 5929) of the leaf.
    pub(super) end_point: [u8; 32],
}

impl Tls {
    /// Makes an authority and a leaf for 127.0.0.1 and localhost.
    pub(super) fn new() -> Result<Self, SimulateError> {
        let (ca_pem, leaf, leaf_key) =
            certificates().map_err(|source| SimulateError::Certificate { source })?;
        let leaf_der: CertificateDer<'static> = leaf.der().clone();
        let private_key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder
                    .with_no_client_auth()
                    .with_single_cert(vec![leaf_der.clone()], private_key)
            })
            .map_err(|source| SimulateError::Tls { source })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let pin = BASE64.encode(&Sha256::digest(leaf_key.subject_public_key_info()));
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_pem,
            spki_pin: format!("sha256/{pin}"),
            end_point: Sha256::digest(&leaf_der).into(),
        })
    }
}

fn certificates() -> Result<(String, rcgen::Certificate, KeyPair), rcgen::Error> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name
        .push(DnType::CommonName, "simulation authority");
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let issuer = Issuer::new(ca, ca_key);
    let leaf_key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    leaf.distinguished_name
        .push(DnType::CommonName, "simulation");
    leaf.use_authority_key_identifier_extension = true;
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let leaf = leaf.signed_by(&leaf_key, &issuer)?;
    Ok((ca_pem, leaf, leaf_key))
}
