//! The Thanos door: GET on one path, with queries that are compiled in.
//!
//! [`PromQuery`] is a static of this module and cannot be made elsewhere, so no other query can be written. What a node
//! knows of volumes is read here and never from nodes: reading through `nodes/proxy` would be a right to run commands.

mod access;
mod answer;
mod client;
mod query;
mod slice;

pub use access::ThanosAccess;
pub use answer::Sample;
pub use client::{QuerySummary, ThanosClient};
pub use query::*;
