//! SCRAM-SHA-512 with `tls-server-end-point` channel binding (RFC 5802, RFC 5929), the client's side.
//!
//! The key itself never crosses the wire, and the server proves that it knows it too.

use std::num::NonZeroU32;

use data_encoding::BASE64;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac, pbkdf2};
use truenas_common::secret::Secret;

use crate::source::{LoginRefusal, SourceError};

/// Fewer iterations would help whoever listens; more would only burn time.
const ITERATIONS: std::ops::RangeInclusive<u32> = 50_000..=5_000_000;

const N_HASH: usize = digest::SHA512_OUTPUT_LEN;

/// The client before the server's first message.
pub(super) struct Client {
    gs2_header: String,
    binding: Vec<u8>,
    bare: String,
    nonce: String,
}

/// The client that waits for the server's proof.
pub(super) struct Unproven {
    server_key: hmac::Key,
    auth_message: String,
}

impl Client {
    /// Starts with 32 random bytes; `binding` is the hash of the server's certificate.
    pub(super) fn new(user: &str, key_id: u64, binding: Vec<u8>) -> Result<Self, SourceError> {
        let mut nonce = [0u8; 32];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| malformed("the random number generator"))?;
        Ok(Self::with_nonce(
            user,
            key_id,
            "p=tls-server-end-point,,",
            binding,
            &BASE64.encode(&nonce),
        ))
    }

    fn with_nonce(
        user: &str,
        key_id: u64,
        gs2_header: &str,
        binding: Vec<u8>,
        nonce: &str,
    ) -> Self {
        Self {
            gs2_header: gs2_header.to_owned(),
            binding,
            bare: format!("n={user}:{key_id},r={nonce}"),
            nonce: nonce.to_owned(),
        }
    }

    /// The first message.
    pub(super) fn first_message(&self) -> String {
        format!("{}{}", self.gs2_header, self.bare)
    }

    /// Answers the server's first message. Takes a second or so: it is meant to be slow.
    pub(super) fn answer(
        self,
        server_first: &str,
        key: &Secret<String>,
    ) -> Result<(String, Unproven), SourceError> {
        let challenge = Challenge::parse(server_first, &self.nonce)?;
        let salted = challenge.salt(key);
        let salted = hmac::Key::new(hmac::HMAC_SHA512, salted.expose());
        let client_key = hmac::sign(&salted, b"Client Key");
        let stored_key = digest::digest(&digest::SHA512, client_key.as_ref());
        let server_key = hmac::sign(&salted, b"Server Key");

        let channel = BASE64.encode(&[self.gs2_header.as_bytes(), &self.binding].concat());
        let without_proof = format!("c={channel},r={}", challenge.nonce);
        let auth_message = format!("{},{server_first},{without_proof}", self.bare);
        let signature = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA512, stored_key.as_ref()),
            auth_message.as_bytes(),
        );
        let proof: Vec<u8> = client_key
            .as_ref()
            .iter()
            .zip(signature.as_ref())
            .map(|(a, b)| a ^ b)
            .collect();
        let message = format!("{without_proof},p={}", BASE64.encode(&proof));
        let server_key = hmac::Key::new(hmac::HMAC_SHA512, server_key.as_ref());
        Ok((
            message,
            Unproven {
                server_key,
                auth_message,
            },
        ))
    }
}

impl Unproven {
    /// Checks the server's proof, in constant time.
    pub(super) fn verify(&self, server_final: &str) -> Result<(), SourceError> {
        let refused = SourceError::from(LoginRefusal::ServerNotProven);
        let Some(signature) = server_final.strip_prefix("v=") else {
            return Err(refused);
        };
        let signature = BASE64
            .decode(signature.as_bytes())
            .map_err(|_| refused.clone())?;
        hmac::verify(&self.server_key, self.auth_message.as_bytes(), &signature)
            .map_err(|_| refused)
    }
}

/// The server's first message: `r=NONCE,s=SALT,i=ITERATIONS`.
struct Challenge<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: NonZeroU32,
}

impl<'a> Challenge<'a> {
    fn parse(text: &'a str, own_nonce: &str) -> Result<Self, SourceError> {
        let error = || malformed("the first message of the login");
        let mut parts = text.split(',');
        let mut field = |name: &str| {
            parts
                .next()
                .and_then(|part| part.strip_prefix(name))
                .ok_or_else(error)
        };
        let nonce = field("r=")?;
        let salt = BASE64
            .decode(field("s=")?.as_bytes())
            .map_err(|_| error())?;
        let iterations: u32 = field("i=")?.parse().map_err(|_| error())?;
        let is_longer = nonce
            .strip_prefix(own_nonce)
            .is_some_and(|rest| !rest.is_empty());
        if !is_longer || salt.is_empty() || !ITERATIONS.contains(&iterations) {
            return Err(LoginRefusal::ServerNotProven.into());
        }
        Ok(Self {
            nonce,
            salt,
            iterations: NonZeroU32::new(iterations).ok_or_else(error)?,
        })
    }

    fn salt(&self, key: &Secret<String>) -> Secret<[u8; N_HASH]> {
        let mut salted = [0u8; N_HASH];
        let password = key.expose().as_bytes();
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA512,
            self.iterations,
            &self.salt,
            password,
            &mut salted,
        );
        Secret::new(salted)
    }
}

fn malformed(what: &'static str) -> SourceError {
    SourceError::Malformed { what }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vector of the server's own implementation, without channel binding.
    const KEY: &str = "uz8DhKHFhRIUQIvjzabPYtpy5wf1DJ3ZBLlDgNVhRAFT7Y6pJGUlm0n3apwxWEU4";
    const NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const SERVER_FIRST: &str = "r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=,s=AAECAwQFBgcICQoLDA0ODw==,i=500000";
    const CLIENT_FINAL: &str = "c=biws,r=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=,p=wnSWuzaweTmTe82rlXyn1JxLJZ59HwJ9zJvIsNX/mo0DgCyR05RxkaqT7gDiifPhpIhl9u9MSTk02rYkQOtU6g==";
    const SERVER_FINAL: &str = "v=Ec1MzIa7D9LGY1gM5lY8UqzhW5aYWPXdbKcGzU3tsWh64LnXtevKpJYEiqkDj5du5zERAE1bmtrgVy8iD5wF0A==";

    fn client() -> Client {
        Client::with_nonce("svc-collector", 10, "n,,", Vec::new(), NONCE)
    }

    fn answer(server_first: &str) -> Result<(String, Unproven), SourceError> {
        client().answer(server_first, &Secret::new(KEY.to_owned()))
    }

    #[test]
    fn messages_are_the_ones_of_the_reference_implementation() {
        assert_eq!(
            client().first_message(),
            format!("n,,n=svc-collector:10,r={NONCE}")
        );
        let (message, unproven) = answer(SERVER_FIRST).unwrap();
        assert_eq!(message, CLIENT_FINAL);
        assert_eq!(unproven.verify(SERVER_FINAL), Ok(()));
    }

    #[test]
    fn server_that_cannot_prove_itself_is_refused() {
        let short = SERVER_FIRST.replace("i=500000", "i=50000");
        let (_, unproven) = answer(&short).unwrap();
        for text in [SERVER_FINAL, "v=", "e=other-error", ""] {
            assert_eq!(
                unproven.verify(text),
                Err(LoginRefusal::ServerNotProven.into()),
                "{text}"
            );
        }
    }

    #[test]
    fn weak_or_foreign_challenges_are_refused_before_any_work() {
        let foreign = SERVER_FIRST.replacen("r=AAEC", "r=BBEC", 1);
        let unchanged = format!("r={NONCE},s=AAECAwQFBgcICQoLDA0ODw==,i=500000");
        let weak = SERVER_FIRST.replace("i=500000", "i=4096");
        let endless = SERVER_FIRST.replace("i=500000", "i=4000000000");
        let unsalted = SERVER_FIRST.replace("s=AAECAwQFBgcICQoLDA0ODw==", "s=");
        for text in [&foreign, &unchanged, &weak, &endless, &unsalted] {
            assert_eq!(
                answer(text).err(),
                Some(LoginRefusal::ServerNotProven.into()),
                "{text}"
            );
        }
        for text in ["", "r=a", "s=a,r=b,i=1", "r=a,s=!,i=1", "r=a,s=AA==,i=x"] {
            assert!(
                matches!(answer(text).err(), Some(SourceError::Malformed { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn channel_binding_is_part_of_the_answer() {
        let client = Client::new("svc-collector", 10, vec![1, 2, 3]).unwrap();
        let first = client.first_message();
        let nonce = first
            .strip_prefix("p=tls-server-end-point,,n=svc-collector:10,r=")
            .unwrap()
            .to_owned();
        let server_first = format!("r={nonce}more,s=AAECAwQFBgcICQoLDA0ODw==,i=50000");
        let (message, _) = client
            .answer(&server_first, &Secret::new(KEY.to_owned()))
            .unwrap();
        let channel = message
            .strip_prefix("c=")
            .unwrap()
            .split(',')
            .next()
            .unwrap();
        assert_eq!(
            BASE64.decode(channel.as_bytes()).unwrap(),
            b"p=tls-server-end-point,,\x01\x02\x03"
        );
    }

    #[test]
    fn nonces_differ() {
        let first = || Client::new("a", 1, Vec::new()).unwrap().first_message();
        assert_ne!(first(), first());
    }
}
