//! Which lists were read to their end, and what follows for a check: a short list must never look like an absence.

use std::collections::BTreeMap;

use crate::checks::page::{Page, Scope};
use crate::checks::run::State;

/// How the reason of a check starts that a list lacks a list that nobody planned to read.
pub const NOT_COLLECTED: &str = "not collected";

/// What is known about one list of one cluster or appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableState {
    /// Read to its end.
    Complete,
    /// Planned, and failed or cut short; the outcome says how.
    Incomplete(String),
    /// Not in the signed plan.
    NotCollected,
    /// Planned, and the server has no such list.
    NotServed,
}

/// Completeness of every list, per cluster and appliance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completeness {
    /// By table and by cluster or appliance; a missing entry is a list that was not collected.
    pub states: BTreeMap<(String, String), TableState>,
    /// Appliances in the estate.
    pub appliances: Vec<String>,
    /// Clusters that were collected.
    pub clusters: Vec<String>,
}

/// Side of the estate that a table describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Appliance,
    Cluster,
}

impl Side {
    /// Nothing for tables about the bundles themselves, which are always there.
    fn of(table: &str) -> Option<Self> {
        if table.starts_with("nas_") || table.starts_with("zfs_") {
            return Some(Self::Appliance);
        }
        table.starts_with("k8s_").then_some(Self::Cluster)
    }
}

impl Completeness {
    /// The scopes in which a check gives a result; the estate has the empty id.
    pub fn scopes(&self, scope: Scope) -> Vec<String> {
        let mut ids = match scope {
            Scope::Appliance => self.appliances.clone(),
            Scope::Cluster => self.clusters.clone(),
            Scope::Estate => vec![String::new()],
        };
        ids.sort();
        ids.dedup();
        ids
    }

    /// Why a check cannot be evaluated in a scope, or nothing when it can.
    ///
    /// The scope's own lists must be complete for itself, those of the other side for all of it: an object is an orphan
    /// only if no cluster knows it. A list of a service that may be absent stands in the way only when it was there and
    /// was not read.
    pub fn obstacle(&self, page: &Page, scope_id: &str) -> Option<State> {
        for table in page.needs.iter().chain(&page.where_served) {
            let ids = self.ids(page.scope, table, scope_id);
            if let Some((id, outcome)) = self.incomplete(table, ids) {
                return Some(State::NotEvaluated(format!("{table} of {id}: {outcome}")));
            }
        }
        page.needs
            .iter()
            .find_map(|table| self.absent(table, self.ids(page.scope, table, scope_id)))
    }

    /// Clusters or appliances of which a table must be whole; none for tables about the bundles themselves.
    fn ids<'s>(&'s self, scope: Scope, table: &str, scope_id: &'s str) -> Option<Vec<&'s str>> {
        let side = Side::of(table)?;
        let is_own = matches!(
            (scope, side),
            (Scope::Appliance, Side::Appliance) | (Scope::Cluster, Side::Cluster)
        );
        let all = match side {
            Side::Appliance => &self.appliances,
            Side::Cluster => &self.clusters,
        };
        Some(if is_own {
            vec![scope_id]
        } else {
            all.iter().map(String::as_str).collect()
        })
    }

    fn incomplete<'s>(
        &'s self,
        table: &str,
        ids: Option<Vec<&'s str>>,
    ) -> Option<(&'s str, &'s str)> {
        ids?.into_iter().find_map(|id| match self.state(table, id) {
            TableState::Incomplete(outcome) => Some((id, outcome.as_str())),
            _ => None,
        })
    }

    fn absent(&self, table: &str, ids: Option<Vec<&str>>) -> Option<State> {
        let states: Vec<_> = ids?.into_iter().map(|id| self.state(table, id)).collect();
        if states.is_empty() || states.contains(&&TableState::NotCollected) {
            return Some(State::NotApplicable(format!("{NOT_COLLECTED}: {table}")));
        }
        // A cluster whose API has no such kind has no such objects: beside complete lists it is an empty one.
        let is_nowhere = !states.contains(&&TableState::Complete);
        is_nowhere.then(|| State::NotApplicable(format!("not served: {table}")))
    }

    fn state(&self, table: &str, id: &str) -> &TableState {
        self.states
            .get(&(table.to_owned(), id.to_owned()))
            .unwrap_or(&TableState::NotCollected)
    }
}
