//! The history: every row once, with the interval of bundles in which it was true.
//!
//! Files: `<domain>/<stream>/{ledger,observed}-<digest>.parquet`, `<table>/{open,closed-<from>-<to>}-<digest>.parquet`,
//! `<table>/partial-<seq>-<digest>.parquet` with the rows of a list that was not complete, which no check reads, and
//! `CURRENT`, the list of files with their digests, written last. Names carry the digest of the content so that an
//! interrupted write never damages what `CURRENT` names. The same set of bundles gives the same bytes in any order.
//! `<domain>/findings-<digest>.parquet` is a cache of what the checks said at earlier moments.

mod chain;
mod encode;
mod estate;
mod files;
mod findings;
mod frame;
mod ledger;
mod load;
mod lock;
mod observation;
mod readings;
mod residual;
mod spans;
mod store;
mod stream;
mod unit;
mod versions;
mod wanted;

pub use chain::{ChainState, SILENT_RUNS, chains, key_contradiction};
pub use estate::{BundleRow, Estate, PoolReadings};
pub(crate) use estate::{deletion, listing, resize};
pub use findings::{Moment, Trace};
pub use ledger::{LedgerEntry, ObservedEntry};
pub use lock::{HistoryLock, LockError};
pub use observation::{Inspection, Observation, ObservedTable, Rejected};
pub use readings::{Readings, Run, ScopeReadings, Sum, at as run_at};
pub(crate) use spans::HISTORY;
pub use spans::LifeSpan;
pub use store::{History, HistoryError};
pub use stream::{Ingested, Stream};
