//! Bundles as the writer makes them, damaged in every way that a step of `FORMAT.md` looks for.

use super::super::*;
use super::*;

pub(in super::super) fn key() -> SiteSecretKey {
    SiteSecretKey::new(&[3; 32], [7; 8])
}

pub(in super::super) fn info() -> BundleInfo {
    BundleInfo {
        schema: SCHEMA.to_owned(),
        bundle: "k3f9-000001-20261123T184000Z".to_owned(),
        site: "k3f9".to_owned(),
        stream: "5f1c9a03b7d2e468".to_owned(),
        seq: 1,
        prev: NO_DIGEST.to_owned(),
        recipients: Vec::new(),
        prev_reason: PrevReason::First,
        site_key_sha256: Some(key().public().fingerprint().to_string()),
        captured: None,
        clock: None,
        expected_every_secs: None,
        collector: None,
        redaction: None,
        plan: Vec::new(),
        marks: Vec::new(),
        case: None,
        suite: String::new(),
    }
}

pub(in super::super) fn sealed_bundle(seq: u64) -> SealedBundle {
    let start = Time::from_unix_secs(1_795_459_200);
    let recipient = Identity::generate().recipient();
    let mut info = info();
    let name = BundleName::new(SiteName::parse("k3f9").unwrap(), seq, start);
    info.bundle = name.to_string();
    info.seq = seq;
    let writer = BundleWriter::create(Vec::new(), info, &[recipient], start).unwrap();
    let capture = Capture {
        started_at: start,
        ended_at: start,
    };
    let sealed = writer.finish(capture, &key()).unwrap();
    let signature = sealed.sign(&key()).to_text("outer");
    let limits = Limits::default();
    SealedBundle::new(&name.file_name(), sealed.out, signature.as_bytes(), &limits).unwrap()
}

fn written(identity: &Identity, named: &Identity) -> (Vec<u8>, String) {
    let start = Time::from_unix_secs(1_795_459_200);
    let mut info = info();
    info.recipients = vec![named.recipient().as_str().to_owned()];
    let mut writer =
        BundleWriter::create(Vec::new(), info, &[identity.recipient()], start).unwrap();
    writer
        .add_part("k8s_pv", b"{\"b\":1}\n{\"a\":1}\n")
        .unwrap();
    let sealed = writer
        .finish(
            Capture {
                started_at: start,
                ended_at: start,
            },
            &key(),
        )
        .unwrap();
    let signature = sealed.sign(&key()).to_text("outer");
    (sealed.out, signature)
}

pub(in super::super) fn trusted() -> Vec<TrustedKey> {
    vec![TrustedKey {
        site: SiteName::parse("k3f9").unwrap(),
        key: key().public(),
        last_good_seq: None,
    }]
}

fn open(bytes: Vec<u8>, signature: &str, identity: &Identity) -> Result<Vec<u8>, OpenError> {
    let sealed = SealedBundle::new(
        "k3f9-000001-20261123T184000Z.tar.zst.age",
        bytes,
        signature.as_bytes(),
        &Limits::default(),
    )?;
    let mut rows = Vec::new();
    sealed.open(
        &trusted(),
        std::slice::from_ref(identity),
        &Limits::default(),
        &mut |part| {
            assert_eq!(part.table, Some("k8s_pv"));
            rows.extend_from_slice(part.bytes);
        },
    )?;
    Ok(rows)
}

#[test]
fn what_is_written_is_opened_and_parts_are_sorted() {
    let identity = Identity::generate();
    let (bytes, signature) = written(&identity, &identity);
    assert_eq!(
        open(bytes, &signature, &identity).unwrap(),
        b"{\"a\":1}\n{\"b\":1}\n"
    );
}

#[test]
fn every_flipped_byte_is_refused_at_the_outer_signature() {
    let identity = Identity::generate();
    let (bytes, signature) = written(&identity, &identity);
    for index in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[index] ^= 0x20;
        assert_eq!(
            open(damaged, &signature, &identity).unwrap_err().step(),
            1,
            "byte {index}"
        );
    }
    let error = open(bytes[..bytes.len() - 5].to_vec(), &signature, &identity).unwrap_err();
    assert!(error.to_string().contains("cut short"), "{error}");
}

#[test]
fn a_bundle_for_somebody_else_is_refused() {
    let (mine, other) = (Identity::generate(), Identity::generate());
    let (bytes, signature) = written(&other, &other);
    assert!(matches!(
        open(bytes, &signature, &mine),
        Err(OpenError::NotForMe { .. })
    ));
    let (bytes, signature) = written(&mine, &other);
    assert!(matches!(
        open(bytes, &signature, &mine),
        Err(OpenError::Forwarded { .. })
    ));
}

#[test]
fn an_untrusted_or_revoked_key_is_refused() {
    let identity = Identity::generate();
    let (bytes, signature) = written(&identity, &identity);
    let sealed = SealedBundle::new(
        "k3f9-000001-20261123T184000Z.tar.zst.age",
        bytes,
        signature.as_bytes(),
        &Limits::default(),
    )
    .unwrap();
    assert!(matches!(
        sealed.verify(&[]),
        Err(OpenError::UntrustedKey { .. })
    ));
    let mut revoked = trusted();
    revoked[0].last_good_seq = Some(0);
    assert!(matches!(
        sealed.verify(&revoked),
        Err(OpenError::RevokedKey { last: 0, .. })
    ));
    assert!(sealed.verify(&trusted()).is_ok());
}
