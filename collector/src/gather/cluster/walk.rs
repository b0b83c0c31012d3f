//! One pass over the lists of a cluster. A list that fails is a row of `collect_status`, never the end of the run.

use serde::de::DeserializeOwned;

use crate::gather::sink::{Sink, SinkError, Tally};
use crate::gather::status::{Owner, Reading};
use crate::gather::{Clock, Gatherer};
use crate::source::k8s::Served;
use crate::source::{K8sClient, K8sList, K8sObject, SourceError};

/// What every list of one pass needs.
pub(super) struct Walk<'a> {
    pub(super) client: &'a K8sClient,
    pub(super) served: &'a Served,
    pub(super) clock: &'a Clock,
    pub(super) owner: Owner,
    pub(super) pass: i64,
}

impl Walk<'_> {
    /// Reads one list, hands its rows over page by page, and records how it ended.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        list: &'static K8sList,
        gatherer: &'static Gatherer,
        sink: &mut dyn Sink,
        mut write: impl FnMut(&[T], &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let mut reading = Reading::new(&self.owner, list.path(), self.pass, self.clock.now());
        let mut tally = Tally::new(sink);
        let mut refused = None;
        // An account without a rule for an absent group gets 403: only discovery tells the two apart.
        let outcome = if self.served.has_list(list) {
            let on_page = |page: Vec<T>| {
                if refused.is_none() {
                    tally.arrived(page.len());
                    refused = write(&page, &mut tally).err();
                }
            };
            let read = self.client.list(list, on_page).await;
            read.map_err(|error| if_promised(error, list.is_optional()))
        } else {
            Err(SourceError::NotServed)
        };
        if let Some(error) = refused {
            return Err(error);
        }
        reading.ended_at = self.clock.now();
        if let Ok(summary) = &outcome {
            reading.server_at = summary.date;
            reading.is_consistent = summary.is_consistent;
            let version = summary.resource_version.as_deref();
            reading.resource_version = version.and_then(|version| version.parse().ok());
        }
        reading.write_tally(gatherer.tables, &mut tally, outcome.as_ref().err())
    }

    /// Reads the first of several versions of one list that is served; the others are recorded as not read.
    pub(super) async fn newest<T: DeserializeOwned>(
        &self,
        versions: &[&'static K8sList],
        gatherer: &'static Gatherer,
        sink: &mut dyn Sink,
        mut write: impl FnMut(&[T], &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let newest = versions.iter().find(|list| self.served.has_list(list));
        for list in versions {
            if newest.is_none_or(|newest| newest.path() == list.path()) {
                self.list(list, gatherer, sink, &mut write).await?;
                continue;
            }
            let mut reading = Reading::new(&self.owner, list.path(), self.pass, self.clock.now());
            reading.is_superseded = true;
            let error = Some(&SourceError::NotServed);
            reading.write(gatherer.tables, 0, |_| 0, error, sink)?;
        }
        Ok(())
    }

    /// Reads one object.
    pub(super) async fn object<T: DeserializeOwned>(
        &self,
        object: &'static K8sObject,
        gatherer: &'static Gatherer,
        sink: &mut dyn Sink,
        write: impl FnOnce(&T, &mut dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let mut reading = Reading::new(&self.owner, object.path(), self.pass, self.clock.now());
        let mut tally = Tally::new(sink);
        let found = if self.served.has_object(object) {
            let read = self.client.object::<T>(object).await;
            read.map_err(|error| if_promised(error, object.is_optional()))
        } else {
            Err(SourceError::NotServed)
        };
        if let Ok(found) = &found {
            tally.arrived(1);
            write(found, &mut tally)?;
        }
        reading.ended_at = self.clock.now();
        reading.write_tally(gatherer.tables, &mut tally, found.as_ref().err())
    }
}

/// What discovery promised is there: 404 of it is a failure, unless servers differ.
fn if_promised(error: SourceError, is_optional: bool) -> SourceError {
    match is_optional {
        true => error,
        false => error.though_promised(404),
    }
}
