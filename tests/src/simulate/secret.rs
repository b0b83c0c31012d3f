//! Random text: tokens, keys, nonces. None of it protects anything but a simulation.

use super::SimulateError;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Makes `length` letters and digits.
pub(super) fn random_text(length: usize) -> Result<String, SimulateError> {
    Ok(random_bytes(length)?
        .into_iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]))
        .collect())
}

/// Makes `length` random bytes.
pub(super) fn random_bytes(length: usize) -> Result<Vec<u8>, SimulateError> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|_| SimulateError::System {
        what: "random bytes",
    })?;
    Ok(bytes)
}
