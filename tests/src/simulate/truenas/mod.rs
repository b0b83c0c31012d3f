//! The simulated TrueNAS appliance: JSON-RPC and legacy WebSocket, read methods over the superset answers of a world.

mod appliance;
mod compare;
mod connection;
mod datasets;
mod failure;
mod fields;
mod filter;
mod grant;
mod legacy;
mod login;
mod methods;
mod outgoing;
mod path;
mod properties;
mod query;
mod query_options;
mod rate_limit;
mod release;
mod resources;
mod roles;
mod rows;
mod rpc;
mod scram;
mod settings;
mod snapshots;
mod web;
mod zpools;

pub(super) use appliance::Appliance;
pub use release::Version;
pub(super) use web::{Endpoint, Transport, serve};
