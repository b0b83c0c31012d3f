//! The read-only collector of Kubernetes, CSI driver and TrueNAS storage state.

pub mod cli;
mod config;
pub mod gather;
mod guard;
mod keys;
mod lock;
mod output;
pub mod process;
mod run;
pub mod source;
mod state;

#[doc(hidden)]
pub use guard::exit_scan;
