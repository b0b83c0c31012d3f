//! How a read ended, as rows of `collect_status`.

use truenas_common::redact::{ApplianceId, Uid};
use truenas_common::tables::CollectStatus;
use truenas_common::tables::code::{Constant, Outcome, Reason, SourceKind};
use truenas_common::time::Time;

use super::sink::{Sink, SinkError, Tally, row};
use crate::source::{BudgetKind, SourceError};

/// Whose lists are read.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    /// A cluster; its identity may be unknown.
    Cluster(Option<Uid>),
    /// The metrics of a cluster.
    Metrics(Option<Uid>),
    /// An appliance.
    Appliance(ApplianceId),
}

/// One read of one list.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) owner: Owner,
    pub(super) list: &'static str,
    pub(super) pass: i64,
    pub(super) started_at: Time,
    pub(super) ended_at: Time,
    pub(super) server_at: Option<i64>,
    pub(super) resource_version: Option<i64>,
    pub(super) is_consistent: bool,
    /// Objects that the server counted.
    pub(super) n_expected: Option<i64>,
    /// All rows are there, but a list that describes them is not.
    pub(super) lacks_prelude: bool,
    /// Another version of the same list was read.
    pub(super) is_superseded: bool,
}

impl Reading {
    /// A read that begins and, until it is told otherwise, ends now.
    pub(super) fn new(owner: &Owner, list: &'static str, pass: i64, now: Time) -> Self {
        Self {
            owner: owner.clone(),
            list,
            pass,
            started_at: now,
            ended_at: now,
            server_at: None,
            resource_version: None,
            is_consistent: true,
            n_expected: None,
            lacks_prelude: false,
            is_superseded: false,
        }
    }

    /// Writes one row for each table that the list fills.
    pub(super) fn write(
        &self,
        tables: &[&'static str],
        n_items: i64,
        n_rows: impl Fn(&str) -> i64,
        error: Option<&SourceError>,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        match error {
            None => {}
            Some(error) if outcome(error).0 == Outcome::Unsupported => {
                tracing::debug!(list = self.list, %error, "list is not served");
            }
            Some(error) => tracing::warn!(list = self.list, %error, "list is incomplete"),
        }
        for table in tables {
            let (outcome, reason) = match error {
                Some(_) if self.is_superseded => (Outcome::Unsupported, Some(Reason::Superseded)),
                Some(error) => outcome(error),
                None if self.lacks_prelude => (Outcome::Ok, Some(Reason::Prelude)),
                None if n_items == 0 => (Outcome::Empty, None),
                None => (Outcome::Ok, None),
            };
            let (source, cluster, appliance) = match &self.owner {
                Owner::Cluster(uid) => (SourceKind::Kubernetes, uid.clone(), None),
                Owner::Metrics(uid) => (SourceKind::Thanos, uid.clone(), None),
                Owner::Appliance(id) => (SourceKind::Truenas, None, Some(id.clone())),
            };
            let status = CollectStatus {
                source,
                cluster,
                appliance,
                list: Constant(self.list),
                table: Constant(table),
                pass: self.pass,
                outcome,
                reason,
                n_items,
                n_rows: n_rows(table),
                is_consistent: self.is_consistent,
                started_at: self.started_at,
                ended_at: self.ended_at,
                server_at: self.server_at.map(Time::from_unix_secs),
                resource_version: self.resource_version,
                n_expected: self.n_expected,
            };
            row(sink, &status)?;
        }
        Ok(())
    }

    /// Writes the rows of a read whose rows went through a tally.
    pub(super) fn write_tally(
        &self,
        tables: &[&'static str],
        tally: &mut Tally<'_>,
        error: Option<&SourceError>,
    ) -> Result<(), SinkError> {
        let counts: Vec<(&str, i64)> = tables
            .iter()
            .map(|table| (*table, tally.n_rows(table)))
            .collect();
        let n_rows = |table: &str| {
            let found = counts.iter().find(|(name, _)| *name == table);
            found.map_or(0, |(_, count)| *count)
        };
        let reading = Self {
            n_expected: tally.n_expected,
            ..self.clone()
        };
        reading.write(tables, tally.n_items, n_rows, error, tally)
    }
}

/// The outcome and its reason.
pub(super) fn outcome(error: &SourceError) -> (Outcome, Option<Reason>) {
    let reason = match error {
        SourceError::Unauthorized | SourceError::Login { .. } | SourceError::Credential => {
            Reason::Unauthorized
        }
        SourceError::Forbidden => Reason::Forbidden,
        SourceError::NotServed => Reason::NotServed,
        SourceError::Expired { .. } => Reason::Expired,
        SourceError::TooManyRequests { .. } => Reason::TooManyRequests,
        SourceError::TimedOut => Reason::Timeout,
        SourceError::TooLarge { .. }
        | SourceError::RequestTooLarge { .. }
        | SourceError::Endless { .. } => Reason::TooLarge,
        SourceError::Short => Reason::Short,
        SourceError::Spent { what } => match what {
            BudgetKind::Time => Reason::TimeBudget,
            BudgetKind::Bytes => Reason::SizeBudget,
        },
        SourceError::Tls { .. } => Reason::Tls,
        SourceError::Network { .. } => Reason::Network,
        SourceError::Malformed { .. } | SourceError::WrongId => Reason::Malformed,
        SourceError::Server { .. } | SourceError::NotFound | SourceError::Partial => Reason::Server,
        _ => Reason::Other,
    };
    (Outcome::parse(error.outcome()), Some(reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::sink::Kept;

    #[track_caller]
    fn check(error: SourceError, expected: (Outcome, Reason)) {
        assert_eq!(outcome(&error), (expected.0, Some(expected.1)));
    }

    #[test]
    fn every_error_is_an_outcome_with_a_reason() {
        check(SourceError::Forbidden, (Outcome::Denied, Reason::Forbidden));
        check(
            SourceError::NotServed,
            (Outcome::Unsupported, Reason::NotServed),
        );
        check(SourceError::TimedOut, (Outcome::TimedOut, Reason::Timeout));
        check(
            SourceError::TooLarge { limit_bytes: 1 },
            (Outcome::Truncated, Reason::TooLarge),
        );
        check(SourceError::Short, (Outcome::Truncated, Reason::Short));
        check(
            BudgetKind::Time.into(),
            (Outcome::Truncated, Reason::TimeBudget),
        );
        check(
            BudgetKind::Bytes.into(),
            (Outcome::Truncated, Reason::SizeBudget),
        );
        check(
            SourceError::Server { code: 500 },
            (Outcome::Failed, Reason::Server),
        );
    }

    #[test]
    fn missing_prelude_leaves_the_list_complete_and_says_so() {
        let now = Time::from_unix_secs(100);
        let mut reading = Reading::new(&Owner::Cluster(None), "/x", 1, now);
        reading.lacks_prelude = true;
        let mut kept = Kept::default();
        reading
            .write(&["k8s_pv"], 3, |_| 3, None, &mut kept)
            .unwrap();
        let row = &kept.of("collect_status")[0];
        assert_eq!(
            (&row["outcome"], &row["reason"]),
            (&"ok".into(), &"prelude".into())
        );
    }
}
