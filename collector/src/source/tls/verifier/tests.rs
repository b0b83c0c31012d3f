//! Handshakes in memory, no socket: who is let in and who is not.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConnection, ServerConfig, ServerConnection};

use crate::source::TlsKind;
use crate::source::fault::from_tls;
use crate::source::tls::trust::{provider, versions};
use crate::source::tls::{MinTls, Trust, spki_pin};

struct Site {
    ca_pem: String,
    leaf: CertificateDer<'static>,
    key: KeyPair,
}

/// A server named `nas.example` behind a fresh CA.
fn site() -> Site {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["nas.example".to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    Site {
        ca_pem: authority.pem(),
        leaf: leaf.der().clone(),
        key,
    }
}

fn pinned(certificate: &CertificateDer<'_>) -> Trust {
    let pin = spki_pin(certificate).unwrap().parse().unwrap();
    Trust::from_files(&[], &[pin], MinTls::Tls13).unwrap()
}

fn server(leaf: &CertificateDer<'static>, key: &KeyPair, min_tls: MinTls) -> ServerConfig {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let key = provider().key_provider.load_private_key(key).unwrap();
    // Built by hand, because the usual way checks that the key belongs to the certificate.
    let certified = CertifiedKey::new(vec![leaf.clone()], key);
    let versions = match min_tls {
        MinTls::Tls12 => &versions(MinTls::Tls12)[1..],
        MinTls::Tls13 => versions(MinTls::Tls13),
    };
    ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)))
}

#[track_caller]
fn check(trust: &Trust, name: &'static str, server: ServerConfig, expected: Result<(), TlsKind>) {
    let name = ServerName::try_from(name).unwrap();
    let config = Arc::new(trust.client_config(None).unwrap());
    let mut client = ClientConnection::new(config, name).unwrap();
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();
    assert_eq!(shake_hands(&mut client, &mut server), expected);
}

fn shake_hands(
    client: &mut ClientConnection,
    server: &mut ServerConnection,
) -> Result<(), TlsKind> {
    while client.is_handshaking() {
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        server.read_tls(&mut bytes.as_slice()).unwrap();
        let refused_by_server = server.process_new_packets().is_err();
        let mut bytes = Vec::new();
        server.write_tls(&mut bytes).unwrap();
        assert!(!bytes.is_empty() || refused_by_server, "handshake is stuck");
        client.read_tls(&mut bytes.as_slice()).unwrap();
        client
            .process_new_packets()
            .map_err(|error| from_tls(&error))?;
    }
    Ok(())
}

#[test]
fn server_of_the_given_ca_is_trusted() {
    let site = site();
    let trust = Trust::from_ca_pem(site.ca_pem.as_bytes()).unwrap();
    check(
        &trust,
        "nas.example",
        server(&site.leaf, &site.key, MinTls::Tls13),
        Ok(()),
    );
}

#[test]
fn server_of_another_ca_is_not_trusted() {
    let site = site();
    let trust = Trust::from_ca_pem(self::site().ca_pem.as_bytes()).unwrap();
    let server = server(&site.leaf, &site.key, MinTls::Tls13);
    check(
        &trust,
        "nas.example",
        server,
        Err(TlsKind::UntrustedCertificate),
    );
}

#[test]
fn right_ca_with_another_name_is_told() {
    let site = site();
    let trust = Trust::from_ca_pem(site.ca_pem.as_bytes()).unwrap();
    check(
        &trust,
        "other.example",
        server(&site.leaf, &site.key, MinTls::Tls13),
        Err(TlsKind::WrongName),
    );
}

#[test]
fn pinned_key_is_trusted_without_a_ca_and_under_any_name() {
    let site = site();
    check(
        &pinned(&site.leaf),
        "192.0.2.50",
        server(&site.leaf, &site.key, MinTls::Tls13),
        Ok(()),
    );
}

#[test]
fn another_key_than_the_pinned_one_is_refused() {
    let site = site();
    let trust = pinned(&self::site().leaf);
    check(
        &trust,
        "nas.example",
        server(&site.leaf, &site.key, MinTls::Tls13),
        Err(TlsKind::PinMismatch),
    );
}

#[test]
fn pinned_certificate_without_its_key_is_refused() {
    let site = site();
    let thief = KeyPair::generate().unwrap();
    let server = server(&site.leaf, &thief, MinTls::Tls13);
    check(
        &pinned(&site.leaf),
        "nas.example",
        server,
        Err(TlsKind::UntrustedCertificate),
    );
}

#[test]
fn ca_and_pin_together_must_both_hold() {
    let site = site();
    let mut both = Trust::from_ca_pem(site.ca_pem.as_bytes()).unwrap();
    both.pins = pinned(&site.leaf).pins;
    check(
        &both,
        "nas.example",
        server(&site.leaf, &site.key, MinTls::Tls13),
        Ok(()),
    );

    let other = self::site();
    let mut wrong_pin = both.clone();
    wrong_pin.pins = pinned(&other.leaf).pins;
    let server_of_site = server(&site.leaf, &site.key, MinTls::Tls13);
    check(
        &wrong_pin,
        "nas.example",
        server_of_site,
        Err(TlsKind::PinMismatch),
    );

    let mut wrong_ca = Trust::from_ca_pem(other.ca_pem.as_bytes()).unwrap();
    wrong_ca.pins = both.pins;
    let server_of_site = server(&site.leaf, &site.key, MinTls::Tls13);
    check(
        &wrong_ca,
        "nas.example",
        server_of_site,
        Err(TlsKind::UntrustedCertificate),
    );
}

#[test]
fn tls_12_is_spoken_only_when_asked() {
    let site = site();
    let trust = Trust::from_ca_pem(site.ca_pem.as_bytes()).unwrap();
    let old = || server(&site.leaf, &site.key, MinTls::Tls12);
    check(&trust, "nas.example", old(), Err(TlsKind::NoCommonVersion));
    check(
        &trust.clone().with_min_tls(MinTls::Tls12),
        "nas.example",
        old(),
        Ok(()),
    );
}
