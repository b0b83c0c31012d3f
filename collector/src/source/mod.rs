//! The network doors: the only place of this program that opens a connection.
//!
//! All doors read only, by construction. [`k8s`] can send GET to paths that are compiled in, [`truenas`] can call
//! methods that are compiled in, [`thanos`] can send queries that are compiled in; none has a function that takes a path,
//! a method name or a query as text. No other module
//! imports an HTTP, TLS or WebSocket crate. What a server says about an error is never kept: see [`SourceError`].

mod access_error;
mod budget;
mod date;
mod error;
mod fault;
mod http;
mod ignored;
pub mod k8s;
mod secret_file;
mod sent;
pub mod thanos;
mod timeouts;
pub mod tls;
pub mod truenas;

pub use access_error::AccessError;
pub use budget::{Budget, BudgetKind};
pub use error::{LoginRefusal, NetworkKind, SourceError, TlsKind};
pub use ignored::{HearsIgnored, Ignored, OTHER_FORM, OnIgnored};
pub use k8s::{K8sAccess, K8sClient, K8sList, K8sObject};
pub use secret_file::read_secret_file;
pub use sent::{Ended, OnEnd, OnRequest, Sent};
pub use thanos::{PromQuery, ThanosAccess, ThanosClient};
pub use timeouts::Timeouts;
pub use tls::{MinTls, SpkiPin, Trust, fetch_pin, spki_pin};
pub use truenas::{Method, Session, TruenasAccess};

/// The largest answer that is ever read from a server, in bytes: one Kubernetes page or one TrueNAS message.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// What the program calls itself towards servers.
pub const USER_AGENT: &str = concat!("truenas-collector/", env!("CARGO_PKG_VERSION"));
