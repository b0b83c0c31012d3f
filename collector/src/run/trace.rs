//! The trace of a run: one row for each request, in the order of sending.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use truenas_common::tables::CollectTrace;
use truenas_common::tables::code::{Constant, Outcome, SourceKind};

use crate::gather::{self, Sink, SinkError};
use crate::source::{Ended, OnEnd};

/// More requests than the largest estate takes.
const MAX_REQUESTS: usize = 100_000;

/// Requests that have ended so far.
#[derive(Clone)]
pub(super) struct Trace {
    began_at: Instant,
    ended: Arc<Mutex<Vec<Ended>>>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self {
            began_at: Instant::now(),
            ended: Arc::default(),
        }
    }

    /// Hears of every request that has ended.
    pub(super) fn listener(&self) -> OnEnd {
        let ended = Arc::clone(&self.ended);
        Arc::new(move |request: &Ended| {
            let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            if ended.len() < MAX_REQUESTS {
                ended.push(request.clone());
            }
        })
    }

    /// Writes the rows. With a given clock nothing is measured, so that the same answers give the same payload.
    pub(super) fn write(&self, is_measured: bool, sink: &mut dyn Sink) -> Result<(), SinkError> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ended = ended.clone();
        ended.sort_by_key(|request| request.sent_at);
        for (ordinal, request) in (1..).zip(&ended) {
            let offset = request.sent_at.saturating_duration_since(self.began_at);
            let ms = |duration: Duration| match is_measured {
                true => i64::try_from(duration.as_millis()).unwrap_or(i64::MAX),
                false => 0,
            };
            let row = CollectTrace {
                request_ordinal: ordinal,
                source: source(request.source),
                list: Constant(request.list),
                offset_ms: ms(offset),
                elapsed_ms: ms(request.elapsed),
                answer_bytes: i64::try_from(request.answer_bytes).unwrap_or(i64::MAX),
                outcome: Outcome::parse(request.outcome),
            };
            gather::row(sink, &row)?;
        }
        Ok(())
    }
}

fn source(word: &str) -> SourceKind {
    match word {
        "kubernetes" => SourceKind::Kubernetes,
        "thanos" => SourceKind::Thanos,
        _ => SourceKind::Truenas,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::schema::Table;

    struct Lines(Vec<serde_json::Value>);

    impl Sink for Lines {
        fn line(&mut self, table: &'static Table, line: &[u8]) -> Result<(), SinkError> {
            truenas_common::tables::parse_line(table, std::str::from_utf8(line).unwrap()).unwrap();
            self.0.push(serde_json::from_slice(line).unwrap());
            Ok(())
        }
    }

    fn rows(trace: &Trace, is_measured: bool) -> Vec<serde_json::Value> {
        let mut lines = Lines(Vec::new());
        trace.write(is_measured, &mut lines).unwrap();
        lines.0
    }

    #[test]
    fn requests_stand_in_the_order_of_sending_and_a_given_clock_measures_nothing() {
        let trace = Trace::new();
        let listener = trace.listener();
        for (list, after_ms, outcome) in [("/api/v1/nodes", 40, "ok"), ("pool.query", 10, "denied")]
        {
            let source = if list.starts_with('/') {
                "kubernetes"
            } else {
                "truenas"
            };
            listener(&Ended {
                source,
                list,
                sent_at: trace.began_at + Duration::from_millis(after_ms),
                elapsed: Duration::from_millis(7),
                answer_bytes: 99,
                outcome,
            });
        }
        let measured = rows(&trace, true);
        let first = serde_json::json!({
            "request_ordinal": 1, "source": "truenas", "list": "pool.query", "offset_ms": 10, "elapsed_ms": 7,
            "answer_bytes": 99, "outcome": "denied",
        });
        assert_eq!((measured.len(), &measured[0]), (2, &first));
        let given = rows(&trace, false);
        assert!(
            given
                .iter()
                .all(|row| row["offset_ms"] == 0 && row["elapsed_ms"] == 0)
        );
        assert_eq!(given[1]["list"], "/api/v1/nodes");
    }
}
