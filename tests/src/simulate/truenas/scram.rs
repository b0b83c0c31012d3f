//! The server side of SCRAM-SHA-512 (RFC 5802) with the channel binding `tls-server-end-point`.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha512};

/// The smallest number of iterations that the real server allows: a simulation has nothing to protect.
pub(super) const ITERATIONS: u32 = 50_000;

/// What a server keeps of a password.
pub(super) struct Verifier {
    salt: Vec<u8>,
    iterations: u32,
    stored_key: [u8; 64],
    server_key: [u8; 64],
}

/// A login between its two messages.
pub(super) struct Pending {
    gs2_header: String,
    client_first_bare: String,
    server_first: String,
    nonce: String,
}

impl Verifier {
    /// Derives the keys; this is slow on purpose.
    pub(super) fn new(password: &str, salt: Vec<u8>, iterations: u32) -> Self {
        let salted = salted_password(password.as_bytes(), &salt, iterations);
        let client_key = sign(&salted, b"Client Key");
        let stored_key = Sha512::digest(client_key).into();
        let server_key = sign(&salted, b"Server Key");
        Self {
            salt,
            iterations,
            stored_key,
            server_key,
        }
    }

    /// Answers the first message; `None` when it is not one, or not for this user (`name:id`).
    pub(super) fn first(
        &self,
        message: &str,
        user: &str,
        server_nonce: &str,
    ) -> Option<(Pending, String)> {
        let (binding, rest) = message.split_once(',')?;
        let (identity, bare) = rest.split_once(',')?;
        if !(binding == "n" || binding == "p=tls-server-end-point") {
            return None;
        }
        let mut parts = bare.split(',');
        let name = parts.next()?.strip_prefix("n=")?;
        let client_nonce = parts.next()?.strip_prefix("r=")?;
        if name != user || client_nonce.is_empty() {
            return None;
        }
        let nonce = format!("{client_nonce}{server_nonce}");
        let server_first = format!(
            "r={nonce},s={},i={}",
            BASE64.encode(&self.salt),
            self.iterations
        );
        let pending = Pending {
            gs2_header: format!("{binding},{identity},"),
            client_first_bare: bare.to_owned(),
            server_first: server_first.clone(),
            nonce,
        };
        Some((pending, server_first))
    }

    /// Checks the proof and the channel binding and returns the server's own proof.
    pub(super) fn last(
        &self,
        pending: &Pending,
        message: &str,
        end_point: &[u8],
    ) -> Option<String> {
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let mut parts = without_proof.split(',');
        let binding = BASE64
            .decode(parts.next()?.strip_prefix("c=")?.as_bytes())
            .ok()?;
        let nonce = parts.next()?.strip_prefix("r=")?;
        let mut expected = pending.gs2_header.clone().into_bytes();
        if pending.gs2_header.starts_with("p=") {
            expected.extend_from_slice(end_point);
        }
        if binding != expected || nonce != pending.nonce {
            return None;
        }
        let auth_message = format!(
            "{},{},{without_proof}",
            pending.client_first_bare, pending.server_first
        );
        let proof = BASE64
            .decode(proof.as_bytes())
            .ok()
            .filter(|proof| proof.len() == 64)?;
        let signature = sign(&self.stored_key, auth_message.as_bytes());
        let client_key: Vec<u8> = proof
            .iter()
            .zip(signature)
            .map(|(proof, signature)| proof ^ signature)
            .collect();
        if <[u8; 64]>::from(Sha512::digest(&client_key)) != self.stored_key {
            return None;
        }
        Some(format!(
            "v={}",
            BASE64.encode(&sign(&self.server_key, auth_message.as_bytes()))
        ))
    }
}

fn sign(key: &[u8], message: &[u8]) -> [u8; 64] {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn salted_password(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 64] {
    let keyed = Hmac::<Sha512>::new_from_slice(password).expect("HMAC takes a key of any length");
    let step = |message: &[u8]| -> [u8; 64] {
        let mut mac = keyed.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    };
    let mut block = step(&[salt, &1_u32.to_be_bytes()].concat());
    let mut result = block;
    for _ in 1..iterations {
        block = step(&block);
        result
            .iter_mut()
            .zip(block)
            .for_each(|(result, block)| *result ^= block);
    }
    result
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_recorded_exchange_is_repeated_exactly() {
        let vector: Value =
            serde_json::from_str(include_str!("../../../recorded/scram_vector.json")).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap();
        let salt = BASE64.decode(text("salt_b64").as_bytes()).unwrap();
        let verifier = Verifier::new(text("password"), salt, 500_000);
        let nonce = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
        let (pending, server_first) = verifier
            .first(text("client_first"), "svc-collector:10", nonce)
            .unwrap();
        assert_eq!(server_first, text("server_first"));
        assert_eq!(
            verifier
                .last(&pending, text("client_final"), b"")
                .as_deref(),
            Some(text("server_final"))
        );
    }

    #[test]
    fn a_binding_to_another_certificate_is_refused() {
        let verifier = Verifier::new("key", b"salt".to_vec(), 2);
        let (pending, first) = verifier
            .first("p=tls-server-end-point,,n=u:1,r=abc", "u:1", "def")
            .unwrap();
        let answer = |bound: &[u8]| {
            let binding = BASE64.encode(&[b"p=tls-server-end-point,,", bound].concat());
            let without_proof = format!("c={binding},r=abcdef");
            let auth_message = format!("n=u:1,r=abc,{first},{without_proof}");
            let client_key = sign(&salted_password(b"key", b"salt", 2), b"Client Key");
            let signature = sign(&Sha512::digest(client_key), auth_message.as_bytes());
            let proof: Vec<u8> = client_key
                .iter()
                .zip(signature)
                .map(|(key, signature)| key ^ signature)
                .collect();
            verifier.last(
                &pending,
                &format!("{without_proof},p={}", BASE64.encode(&proof)),
                b"leaf",
            )
        };
        assert!(answer(b"leaf").is_some());
        assert!(answer(b"another").is_none());
    }
}
