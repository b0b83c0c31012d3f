//! What can go wrong at the doors, in our own words only.
//!
//! An error text of a server may echo keys, names and server memory, so no variant can hold one: only codes, numbers
//! and names from this program's own source.

use std::time::Duration;

use truenas_common::exit::Exit;

use crate::source::BudgetKind;
use crate::source::k8s::ContinueToken;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The server does not know the credential, or the session ended.
    #[error("the server does not accept the credential; check that it exists and has not expired")]
    Unauthorized,
    /// The credential is known but may not read this.
    #[error("the credential may not read this; grant the listed role or leave the list out")]
    Forbidden,
    /// The server has no such list or method.
    #[error("the server does not serve this")]
    NotServed,
    /// The named object is gone, for example a dataset between two calls.
    #[error("the object that was asked for does not exist")]
    NotFound,
    /// The continue token is too old for the server.
    #[error("the list changed while it was read")]
    Expired {
        /// Goes on from the same place at a newer version, which makes the list inconsistent.
        fresh: Option<ContinueToken>,
    },
    /// The server asks to slow down.
    #[error("the server is busy; try again in {} s", retry_after.as_secs())]
    TooManyRequests {
        /// How long to wait.
        retry_after: Duration,
    },
    /// No answer in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The answer is larger than is ever read.
    #[error("the answer is larger than {limit_bytes} bytes; ask for less at a time")]
    TooLarge {
        /// The limit that was crossed.
        limit_bytes: usize,
    },
    /// The request is larger than the server reads; nothing was sent.
    #[error("the request is larger than {limit_bytes} bytes; ask for fewer objects at a time")]
    RequestTooLarge {
        /// The limit of the server.
        limit_bytes: usize,
    },
    /// No trusted TLS connection.
    #[error("no trusted TLS connection: {kind}")]
    Tls {
        /// What failed.
        kind: TlsKind,
    },
    /// No connection, or it broke.
    #[error("no connection: {kind}")]
    Network {
        /// What failed.
        kind: NetworkKind,
    },
    /// The server answered the login, but with no session.
    #[error("login refused: {refusal}")]
    Login {
        /// What the server said.
        refusal: LoginRefusal,
    },
    /// A file that holds a credential could not be read at the time of the request.
    #[error("cannot read the credential file; check its path and mode")]
    Credential,
    /// The answer is not what the interface describes.
    #[error("cannot understand the answer ({what})")]
    Malformed {
        /// Which part, in our words.
        what: &'static str,
    },
    /// An answer to a question that was never asked.
    #[error("the server answered with an unknown id")]
    WrongId,
    /// The server answered without one of the stores that it asks.
    #[error("the server left a part of the answer out")]
    Partial,
    /// The server's own failure.
    #[error("the server failed with code {code}")]
    Server {
        /// HTTP status, JSON-RPC code or errno.
        code: i32,
    },
    /// The server holds more than it gave.
    #[error("fewer objects came than the server counts")]
    Short,
    /// Pages without end.
    #[error("the list does not end; gave up after {n_pages} pages")]
    Endless {
        /// Pages that were read.
        n_pages: usize,
    },
    /// The source has had its share of the run; nothing was sent.
    #[error(
        "the {what} budget of this source is used up; raise it under `budgets`, or find out why the source is slow"
    )]
    Spent {
        /// Which share.
        what: BudgetKind,
    },
    /// Refused by this program before a byte left.
    #[error("refused to send `{name}`: not on the list of reads")]
    NotAllowed {
        /// Our own name of the method.
        name: &'static str,
    },
}

/// Why there is no trusted TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsKind {
    /// The chain does not end at the configured CA.
    #[error("the certificate is not signed by the configured CA")]
    UntrustedCertificate,
    /// The certificate is for another name.
    #[error("the certificate is for another host name")]
    WrongName,
    /// The certificate is expired or not valid yet.
    #[error("the certificate is outside its validity")]
    OutsideValidity,
    /// The public key is not a pinned one.
    #[error("the public key is not the pinned one; compare with the `pin` command")]
    PinMismatch,
    /// No common TLS version or cipher.
    #[error("no common TLS version; an old appliance may need `min_tls: 1.2`")]
    NoCommonVersion,
    /// Anything else of the handshake.
    #[error("the handshake failed")]
    Handshake,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkKind {
    /// The name has no address.
    #[error("the host name cannot be resolved")]
    NoAddress,
    /// Nobody listens.
    #[error("the connection was refused")]
    Refused,
    /// No route.
    #[error("the host cannot be reached")]
    Unreachable,
    /// The connection broke or was closed.
    #[error("the connection was closed")]
    Closed,
    /// The connection broke again and again.
    #[error("the connection broke too often; look at what stands between collector and server")]
    Unstable,
    /// Anything else.
    #[error("the transport failed")]
    Other,
}

/// What a TrueNAS server said instead of letting the collector in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginRefusal {
    /// Unknown user or key.
    #[error("unknown user or API key")]
    BadCredential,
    /// Expired, or revoked by the server.
    #[error("the API key is expired or was revoked; make a new one")]
    Expired,
    /// The account needs a second factor.
    #[error("the account needs a second factor; use an API key of a service account")]
    OtpRequired,
    /// The account has no privilege with API access.
    #[error("the account has no privilege with API access")]
    Denied,
    /// The standby controller of a pair.
    #[error("this is the standby controller; configure the address of the active one")]
    Redirect,
    /// The server's security level forbids this way of login.
    #[error("the server forbids this way of login")]
    MechanismRefused,
    /// SCRAM was asked for, the server is older than 26.
    #[error("SCRAM needs TrueNAS 26; set `auth: api-key` to send the key over TLS instead")]
    NoScram,
    /// The server did not prove that it knows the key.
    #[error("the server did not prove that it knows the API key")]
    ServerNotProven,
    /// A user name is needed from 25.04 on.
    #[error("TrueNAS 25.04 and newer need the user name of the API key; set `user`")]
    UserMissing,
}

impl SourceError {
    /// The outcome word that the bundle records: `denied`, `unsupported`, `timed-out`, `truncated` or `failed`.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Unauthorized | Self::Forbidden | Self::Login { .. } | Self::Credential => {
                "denied"
            }
            Self::NotServed => "unsupported",
            Self::TimedOut => "timed-out",
            Self::TooLarge { .. }
            | Self::Endless { .. }
            | Self::Expired { .. }
            | Self::Partial
            | Self::Short
            | Self::Spent { .. } => "truncated",
            _ => "failed",
        }
    }

    /// What the same answer means where it cannot be: a server that promised to have something, and does not.
    #[must_use]
    pub fn though_promised(self, code: i32) -> Self {
        match self {
            Self::NotServed => Self::Server { code },
            error => error,
        }
    }

    /// Whether less at a time may succeed: the answer was too large, or took longer than somebody waits.
    pub fn is_too_much(&self) -> bool {
        matches!(self, Self::TooLarge { .. }) || self.is_cut()
    }

    /// Whether somebody did not wait for the answer: this program, or a proxy that closes what is silent.
    pub fn is_cut(&self) -> bool {
        let closed = Self::Network {
            kind: NetworkKind::Closed,
        };
        *self == Self::TimedOut || *self == closed
    }

    /// The exit code when this error ends a login or the whole run.
    pub fn exit_code_hint(&self) -> Exit {
        match self {
            Self::Unauthorized | Self::Forbidden | Self::Login { .. } | Self::Credential => {
                Exit::Authentication
            }
            Self::Tls { .. } => Exit::Tls,
            Self::NotAllowed { .. } | Self::RequestTooLarge { .. } => Exit::Internal,
            _ => Exit::Network,
        }
    }
}

impl From<TlsKind> for SourceError {
    fn from(kind: TlsKind) -> Self {
        Self::Tls { kind }
    }
}

impl From<BudgetKind> for SourceError {
    fn from(what: BudgetKind) -> Self {
        Self::Spent { what }
    }
}

impl From<NetworkKind> for SourceError {
    fn from(kind: NetworkKind) -> Self {
        Self::Network { kind }
    }
}

impl From<LoginRefusal> for SourceError {
    fn from(refusal: LoginRefusal) -> Self {
        Self::Login { refusal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: SourceError, outcome: &str, exit: Exit) {
        assert_eq!(error.outcome(), outcome);
        assert_eq!(error.exit_code_hint(), exit);
    }

    #[test]
    fn every_error_has_one_outcome_and_one_exit_code() {
        check(SourceError::Unauthorized, "denied", Exit::Authentication);
        check(SourceError::Forbidden, "denied", Exit::Authentication);
        check(LoginRefusal::Expired.into(), "denied", Exit::Authentication);
        check(SourceError::NotServed, "unsupported", Exit::Network);
        check(SourceError::TimedOut, "timed-out", Exit::Network);
        check(
            SourceError::TooLarge { limit_bytes: 1 },
            "truncated",
            Exit::Network,
        );
        check(
            SourceError::Endless { n_pages: 1 },
            "truncated",
            Exit::Network,
        );
        check(SourceError::Short, "truncated", Exit::Network);
        check(BudgetKind::Time.into(), "truncated", Exit::Network);
        check(BudgetKind::Bytes.into(), "truncated", Exit::Network);
        check(
            SourceError::Expired { fresh: None },
            "truncated",
            Exit::Network,
        );
        check(TlsKind::PinMismatch.into(), "failed", Exit::Tls);
        check(NetworkKind::Refused.into(), "failed", Exit::Network);
        check(SourceError::Server { code: 500 }, "failed", Exit::Network);
        check(
            SourceError::NotAllowed { name: "pool.query" },
            "failed",
            Exit::Internal,
        );
    }

    #[test]
    fn what_was_promised_and_is_not_there_is_a_failure() {
        let promised = SourceError::NotServed.though_promised(404);
        check(promised, "failed", Exit::Network);
        let denied = SourceError::Forbidden.though_promised(404);
        check(denied, "denied", Exit::Authentication);
    }

    #[test]
    fn less_at_a_time_helps_where_an_answer_was_too_large_or_too_late() {
        let too_large = SourceError::TooLarge { limit_bytes: 1 };
        for error in [too_large, SourceError::TimedOut, NetworkKind::Closed.into()] {
            assert!(error.is_too_much(), "{error}");
            let is_large = matches!(error, SourceError::TooLarge { .. });
            assert_eq!(error.is_cut(), !is_large, "{error}");
        }
        let spent = BudgetKind::Time.into();
        for error in [SourceError::Forbidden, NetworkKind::Unstable.into(), spent] {
            assert!(!error.is_too_much(), "{error}");
        }
    }

    #[test]
    fn continue_token_is_not_printed() {
        let error = SourceError::Expired {
            fresh: ContinueToken::parse("opaque-token"),
        };
        assert!(!format!("{error:?} {error}").contains("opaque-token"));
    }
}
