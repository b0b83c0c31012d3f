//! Table `collect_trace`.

use super::code::{Constant, Outcome, SourceKind};

crate::table! {
    /// One request of the run, in the order of sending.
    "collect_trace" as CollectTrace in Run {
        /// Number of the request, from 1.
        1 [key] request_ordinal: i64,
        /// Which side was asked.
        1 source: SourceKind,
        /// Resource path or method name; pages and batches of one list have the same.
        1 list: Constant,
        /// From the begin of the run to the sending; 0 when the clock was given.
        1 offset_ms: i64,
        /// From the sending to the last byte of the answer; 0 when the clock was given.
        1 elapsed_ms: i64,
        /// Size of the answer; 0 without one.
        1 answer_bytes: i64,
        /// How the request ended.
        1 outcome: Outcome,
    }
}
