//! Reads the metrics of a cluster. A query that fails is a row of `collect_status`, never the end of the run.

use serde::de::DeserializeOwned;
use truenas_common::redact::{Redactor, Uid};

use super::sink::{Sink, SinkError, Tally, rows};
use super::status::{Owner, Reading};
use super::thanos::{kubelet_volume, operation_duration};
use super::{Clock, Gatherer, Read};
use crate::source::thanos::Sample;
use crate::source::{PromQuery, SourceError, ThanosClient};

/// What every query needs.
struct Walk<'a> {
    client: &'a ThanosClient,
    clock: &'a Clock,
    owner: Owner,
    is_answering: bool,
    /// Why no query can be answered.
    gone: Option<SourceError>,
}

/// One query that was sent, or was not.
struct Asked {
    reading: Reading,
    n_items: i64,
    error: Option<SourceError>,
}

/// Reads all metrics of the cluster with this uid.
///
/// # Errors
/// Only what the sink says; a query that fails is recorded.
pub async fn metrics(
    client: &ThanosClient,
    cluster: Option<Uid>,
    redactor: &Redactor,
    clock: &Clock,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    let mut walk = Walk {
        client,
        clock,
        owner: Owner::Metrics(cluster),
        is_answering: false,
        gone: None,
    };
    let mut volumes = kubelet_volume::Volumes::default();
    let gatherer = &kubelet_volume::GATHERER;
    let asked = walk
        .all(gatherer, |query, samples| volumes.add(query, samples))
        .await;
    let mut tally = Tally::new(sink);
    rows(&mut tally, kubelet_volume::rows(&volumes, redactor))?;
    drop(volumes);
    record(gatherer, asked, &mut tally)?;

    let mut operations = operation_duration::Operations::default();
    let gatherer = &operation_duration::GATHERER;
    let asked = walk
        .all(gatherer, |query, samples| operations.add(query, samples))
        .await;
    let mut tally = Tally::new(sink);
    rows(&mut tally, operation_duration::rows(&operations, redactor))?;
    record(gatherer, asked, &mut tally)
}

impl Walk<'_> {
    /// Sends every query of a gatherer; after a failure of the whole server no more, and the rest failed with it.
    async fn all<L: DeserializeOwned>(
        &mut self,
        gatherer: &'static Gatherer,
        mut add: impl FnMut(&'static PromQuery, Vec<Sample<L>>),
    ) -> Vec<Asked> {
        let mut asked = Vec::with_capacity(gatherer.reads.len());
        for read in gatherer.reads {
            if let Read::Thanos(query) = read {
                asked.push(self.one(query, &mut add).await);
            }
        }
        asked
    }

    async fn one<L: DeserializeOwned>(
        &mut self,
        query: &'static PromQuery,
        add: &mut impl FnMut(&'static PromQuery, Vec<Sample<L>>),
    ) -> Asked {
        let mut reading = Reading::new(&self.owner, query.name(), 1, self.clock.now());
        let mut n_items: i64 = 0;
        let outcome = match &self.gone {
            Some(error) => Err(error.clone()),
            None => {
                let on_samples = |samples: Vec<Sample<L>>| {
                    n_items = n_items.saturating_add_unsigned(samples.len() as u64);
                    add(query, samples);
                };
                self.client.query(query, on_samples).await
            }
        };
        reading.ended_at = self.clock.now();
        match &outcome {
            Ok(summary) => {
                self.is_answering = true;
                reading.server_at = summary.date;
                reading.is_consistent = summary.n_answers <= 1;
            }
            Err(error) if is_of_server(error, self.is_answering) => self.gone = Some(error.clone()),
            Err(_) => {}
        }
        Asked {
            reading,
            n_items,
            error: outcome.err(),
        }
    }
}

/// Whether the next query would fail in the same way.
fn is_of_server(error: &SourceError, is_answering: bool) -> bool {
    match error {
        SourceError::Unauthorized
        | SourceError::Forbidden
        | SourceError::Credential
        | SourceError::Tls { .. }
        | SourceError::Network { .. } => true,
        // One query may be too much for a server that answers others.
        SourceError::TimedOut => !is_answering,
        _ => false,
    }
}

/// All queries of a gatherer make its rows together; they are counted with the first.
fn record(
    gatherer: &'static Gatherer,
    asked: Vec<Asked>,
    tally: &mut Tally<'_>,
) -> Result<(), SinkError> {
    let mut n_rows = gatherer
        .tables
        .iter()
        .map(|table| tally.n_rows(table))
        .sum();
    for Asked {
        reading,
        n_items,
        error,
    } in asked
    {
        reading.write(gatherer.tables, n_items, |_| n_rows, error.as_ref(), tally)?;
        n_rows = 0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{NetworkKind, TlsKind};

    #[test]
    fn what_every_query_would_meet_ends_the_source_and_the_failure_of_one_does_not() {
        let refused: SourceError = NetworkKind::Refused.into();
        let pin: SourceError = TlsKind::PinMismatch.into();
        for error in [
            refused,
            pin,
            SourceError::Forbidden,
            SourceError::Unauthorized,
        ] {
            assert!(is_of_server(&error, true), "{error}");
        }
        assert!(is_of_server(&SourceError::TimedOut, false));
        assert!(!is_of_server(&SourceError::TimedOut, true));
        assert!(!is_of_server(&SourceError::Server { code: 500 }, false));
        assert!(!is_of_server(&SourceError::Partial, false));
    }
}
