//! What became of the lists: read back from the rows of `collect_status`, so that exit code and bundle agree.

use std::collections::BTreeMap;

use serde::Deserialize;
use truenas_common::schema::{Row as _, Scope, Table};
use truenas_common::tables::CollectStatus;
use truenas_common::tables::code::Outcome;

/// The table of outcomes.
pub(super) const STATUS_TABLE: &str = CollectStatus::TABLE.name;

/// Outcomes and rows so far.
#[derive(Debug, Default)]
pub(super) struct Lists {
    by_outcome: BTreeMap<String, u64>,
    n_rows: u64,
}

#[derive(Deserialize)]
struct StatusRow {
    outcome: String,
}

impl Lists {
    /// Notes a row.
    pub(super) fn count(&mut self, table: &Table, line: &[u8]) {
        if table.name != STATUS_TABLE {
            self.n_rows += u64::from(table.scope != Scope::Run);
            return;
        }
        let row: Option<StatusRow> = serde_json::from_slice(line).ok();
        let outcome = row.map_or_else(|| Outcome::Failed.word().to_owned(), |row| row.outcome);
        *self.by_outcome.entry(outcome).or_default() += 1;
    }

    /// Rows of all data tables; fields and requests of the run are none.
    pub(super) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Lists by outcome word.
    pub(super) fn by_outcome(&self) -> BTreeMap<String, u64> {
        self.by_outcome.clone()
    }

    /// Lists that are neither whole nor absent from the server.
    pub(super) fn n_incomplete(&self) -> u64 {
        let lists = self.by_outcome.iter().filter(|(word, _)| {
            let outcome = Outcome::parse(word);
            !outcome.is_complete() && outcome != Outcome::Unsupported
        });
        lists.map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::tables::{CollectTrace, K8sPv};

    #[track_caller]
    fn check(outcomes: &[&str], n_incomplete: u64) {
        let mut lists = Lists::default();
        for outcome in outcomes {
            let line = format!("{{\"list\":\"x\",\"outcome\":\"{outcome}\"}}\n");
            lists.count(CollectStatus::TABLE, line.as_bytes());
        }
        lists.count(K8sPv::TABLE, b"{}\n");
        lists.count(CollectTrace::TABLE, b"{}\n");
        assert_eq!((lists.n_incomplete(), lists.n_rows()), (n_incomplete, 1));
    }

    #[test]
    fn absent_and_empty_lists_are_no_gap_and_all_others_are() {
        check(&["ok", "empty", "unsupported"], 0);
        check(&["ok", "denied", "timed-out"], 2);
        check(&["truncated", "failed", "a word of a later version"], 3);
    }
}
