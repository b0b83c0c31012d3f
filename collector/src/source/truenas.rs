//! The TrueNAS door: method calls over one WebSocket, from a compiled-in list of reads.
//!
//! JSON-RPC on `/api/current` from 25.04, the older `/websocket` up to 24.10; always TLS. [`Method`] cannot be made
//! outside this module, so nothing else can be called, whatever the credential may do.

mod access;
mod ahead;
mod ask;
pub mod ejson;
mod frame;
mod guard;
mod login;
mod method;
mod offer;
mod scram;
mod session;
mod version;
mod wire;

pub use access::{AuthMode, TruenasAccess};
pub(crate) use ahead::Ahead;
pub(crate) use ask::ask;
pub use method::*;
pub(crate) use session::NO_METHOD;
pub use session::{Session, connect};
pub use version::Version;
