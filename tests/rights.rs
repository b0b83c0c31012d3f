//! Too few rights and too many: the credential that can write is refused, and `preflight` says what is missing and
//! what is in excess, by reads alone.

#![expect(
    clippy::unwrap_used,
    reason = "a suite: every helper here is part of a test"
)]

#[path = "rights/credential.rs"]
mod credential;
#[path = "rights/preflight.rs"]
mod preflight;
#[path = "rights/stage.rs"]
mod stage;
