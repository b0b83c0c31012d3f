//! How long the doors wait.

use std::time::Duration;

/// Limits of waiting; every wait of this module has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup and TCP connect, and again for the TLS handshake.
    pub connect: Duration,
    /// Silence in the middle of an HTTP answer.
    pub idle: Duration,
    /// One whole HTTP exchange, so that a server that drips bytes ends too.
    pub request: Duration,
    /// The WebSocket upgrade, or one step of the login; a rate limited server sleeps up to 10 s before it answers.
    pub login: Duration,
    /// One TrueNAS method call.
    pub call: Duration,
    /// Pause between keep-alive calls while a method call is pending; a proxy in front gives up after 60 s of silence.
    pub ping: Duration,
    /// The longest pause that a busy server can ask for.
    pub pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            request: Duration::from_secs(120),
            login: Duration::from_secs(60),
            call: Duration::from_secs(600),
            ping: Duration::from_secs(20),
            pause: Duration::from_secs(60),
        }
    }
}
