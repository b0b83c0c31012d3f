//! Which of several views read each other: pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::query::statement::Statement;

/// Views by their place in a list, each behind those of the list that it reads.
pub(super) struct ViewOrder {
    order: Vec<usize>,
    sources: Vec<BTreeSet<usize>>,
    readers: Vec<Vec<usize>>,
}

impl ViewOrder {
    /// Orders views, given with their statements. Where each waits for another, as in a circle, the first of the list comes
    /// next and does not wait: making it says what is missing.
    pub(super) fn new(views: &[(&str, &Statement)]) -> Self {
        let places: BTreeMap<&str, usize> = views
            .iter()
            .enumerate()
            .map(|(at, (name, _))| (*name, at))
            .collect();
        // A statement that cannot be parsed waits for nothing: making it says what is wrong.
        let read = |statement: &Statement| statement.relations().unwrap_or_default();
        let read: Vec<BTreeSet<usize>> = views
            .iter()
            .map(|(_, statement)| {
                let names = read(statement).into_iter();
                names
                    .filter_map(|name| places.get(&*name).copied())
                    .collect()
            })
            .collect();
        let mut order = Self {
            order: Vec::new(),
            sources: vec![BTreeSet::new(); views.len()],
            readers: vec![Vec::new(); views.len()],
        };
        let mut waiting: BTreeSet<usize> = (0..views.len()).collect();
        while let Some(first) = waiting.first().copied() {
            let is_ready = |at: &usize| read[*at].is_disjoint(&waiting);
            let mut ready: Vec<usize> = waiting.iter().copied().filter(is_ready).collect();
            if ready.is_empty() {
                ready.push(first);
            }
            for at in &ready {
                order.sources[*at] = read[*at].difference(&waiting).copied().collect();
            }
            for at in ready {
                waiting.remove(&at);
                for source in &order.sources[at] {
                    order.readers[*source].push(at);
                }
                order.order.push(at);
            }
        }
        order
    }

    /// All views, each behind those that it reads.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.order.iter().copied()
    }

    /// The views that wait for no other.
    pub(super) fn first(&self) -> impl Iterator<Item = usize> {
        self.iter().filter(|at| self.sources[*at].is_empty())
    }

    /// How many others a view waits for.
    pub(super) fn n_sources(&self, at: usize) -> usize {
        self.sources[at].len()
    }

    /// The views that wait for one.
    pub(super) fn readers(&self, at: usize) -> impl Iterator<Item = usize> {
        self.readers[at].iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(views: &[(&str, &str)], expected: &[&str], first: &[&str]) {
        let texts: Vec<(&str, Statement)> = views
            .iter()
            .map(|(name, sql)| (*name, (*sql).into()))
            .collect();
        let statements: Vec<(&str, &Statement)> = texts
            .iter()
            .map(|(name, statement)| (*name, statement))
            .collect();
        let order = ViewOrder::new(&statements);
        let names =
            |places: Vec<usize>| places.into_iter().map(|at| views[at].0).collect::<Vec<_>>();
        assert_eq!(names(order.iter().collect()), expected);
        assert_eq!(names(order.first().collect()), first);
        for at in order.iter() {
            let n_told = order.iter().flat_map(|source| order.readers(source));
            assert_eq!(
                n_told.filter(|reader| *reader == at).count(),
                order.n_sources(at)
            );
        }
    }

    #[test]
    fn view_comes_behind_what_it_reads() {
        check(
            &[
                ("c", "SELECT * FROM b JOIN a ON a.n = b.n"),
                ("b", "SELECT * FROM a"),
                ("a", "SELECT * FROM t"),
                ("d", "SELECT * FROM t"),
            ],
            &["a", "d", "b", "c"],
            &["a", "d"],
        );
    }

    #[test]
    fn circle_begins_with_its_first_view_and_what_cannot_be_parsed_waits_for_nothing() {
        check(
            &[
                ("x", "SELECT * FROM y"),
                ("y", "SELECT * FROM x"),
                ("z", "no statement"),
            ],
            &["z", "x", "y"],
            &["z", "x"],
        );
        check(&[("self", "SELECT * FROM self")], &["self"], &["self"]);
    }
}
