//! Whom the collector trusts: only the given CA files, only the pinned keys, or both.
//!
//! There is no system trust store, no trust on first use and no way to skip a check. Both doors and the WebSocket take
//! their [`rustls::ClientConfig`] from here.

mod certificate;
mod connect;
mod pin;
mod probe;
mod trust;
mod verifier;

pub use pin::{SpkiPin, spki_pin};
pub use probe::fetch_pin;
pub use trust::{ClientIdentity, MinTls, Trust};

pub(in crate::source) use certificate::channel_binding;
pub(in crate::source) use connect::connect;
