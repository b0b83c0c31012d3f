//! Which lists were read to their end, and what follows for a check: a short list must never look like an absence.

use std::collections::BTreeMap;

use crate::checks::page::{Page, Scope};
use crate::checks::run::State;

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
    /// only if no cluster knows it.
    pub fn obstacle(&self, page: &Page, scope_id: &str) -> Option<State> {
        let mut absent = None;
        for table in &page.needs {
            let Some(side) = Side::of(table) else {
                continue;
            };
            let all = match side {
                Side::Appliance => &self.appliances,
                Side::Cluster => &self.clusters,
            };
            let is_own = matches!(
                (page.scope, side),
                (Scope::Appliance, Side::Appliance) | (Scope::Cluster, Side::Cluster)
            );
            let own = [scope_id.to_owned()];
            let ids = if is_own {
                own.as_slice()
            } else {
                all.as_slice()
            };
            match self.worst(table, ids) {
                Some(State::NotEvaluated(reason)) => return Some(State::NotEvaluated(reason)),
                other => absent = absent.or(other),
            }
        }
        absent
    }

    fn worst(&self, table: &str, ids: &[String]) -> Option<State> {
        let states: Vec<_> = ids.iter().map(|id| (id, self.state(table, id))).collect();
        for (id, state) in &states {
            if let TableState::Incomplete(outcome) = state {
                return Some(State::NotEvaluated(format!("{table} of {id}: {outcome}")));
            }
        }
        let is = |wanted: &TableState| states.iter().any(|(_, state)| *state == wanted);
        if states.is_empty() || is(&TableState::NotCollected) {
            return Some(State::NotApplicable(format!("not collected: {table}")));
        }
        // A cluster whose API has no such kind has no such objects: beside complete lists it is an empty one.
        if is(&TableState::NotServed) && !is(&TableState::Complete) {
            return Some(State::NotApplicable(format!("not served: {table}")));
        }
        None
    }

    fn state(&self, table: &str, id: &str) -> &TableState {
        self.states
            .get(&(table.to_owned(), id.to_owned()))
            .unwrap_or(&TableState::NotCollected)
    }
}
