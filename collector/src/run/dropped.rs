//! What a run dropped and why, by gatherer: names of fields and counts, for the site alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::gather::{ALL, Read};
use crate::guard::Look;
use crate::source::{HearsIgnored, Ignored};

/// How often a field of a list had no place.
pub(super) type Counts = BTreeMap<&'static str, BTreeMap<String, u64>>;

/// More different names of fields than any resource has.
const MAX_FIELDS: usize = 2_000;

/// Counts fields while the run goes on.
#[derive(Debug)]
pub(super) struct DroppedFields {
    looks_at_all: bool,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    counts: Counts,
    n_answers: BTreeMap<&'static str, u64>,
}

/// What was dropped.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    fields: Counts,
    other_words: BTreeMap<(&'static str, &'static str), u64>,
}

impl DroppedFields {
    /// Begins to count. It looks at every answer, or only at the first, second, fourth, eighth and so on of each list:
    /// what a server gives hardly changes from page to page, and to look at all of a large estate takes long.
    pub(super) fn new(looks_at_all: bool) -> Arc<Self> {
        Arc::new(Self {
            looks_at_all,
            seen: Mutex::default(),
        })
    }

    /// The counts so far.
    pub(super) fn counts(&self) -> Counts {
        self.seen().counts.clone()
    }

    /// The counts so far, with the words that the scan saw.
    pub(super) fn with(&self, look: &Look) -> Dropped {
        Dropped {
            fields: self.counts(),
            other_words: look.other_words.clone(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HearsIgnored for DroppedFields {
    fn is_listening(&self, what: &'static str) -> bool {
        let mut seen = self.seen();
        let n_answers = seen.n_answers.entry(what).or_default();
        *n_answers += 1;
        self.looks_at_all || n_answers.is_power_of_two()
    }

    fn hear(&self, ignored: &Ignored<'_>) {
        let mut seen = self.seen();
        let fields = seen.counts.entry(ignored.what).or_default();
        if let Some(count) = fields.get_mut(ignored.field) {
            *count += 1;
        } else if fields.len() < MAX_FIELDS {
            fields.insert(ignored.field.to_owned(), 1);
        }
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "Dropped on site, by gatherer. What a server was not asked for does not appear."
        )?;
        for gatherer in ALL {
            let reads = gatherer.reads.iter().copied().map(Read::name);
            let fields: Vec<_> = reads.filter_map(|name| self.fields.get(name)).collect();
            let words = self
                .other_words
                .iter()
                .filter(|((table, _), _)| gatherer.tables.contains(table));
            let words: Vec<_> = words.collect();
            if fields.is_empty() && words.is_empty() {
                continue;
            }
            writeln!(formatter, "\n{}", gatherer.id)?;
            for (field, count) in fields.into_iter().flatten() {
                writeln!(formatter, "  {count:>10}  {field}  (not on the allowlist)")?;
            }
            for ((table, column), count) in words {
                writeln!(
                    formatter,
                    "  {count:>10}  {table}.{column}  (word of no closed list, left as `other`)"
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_and_shown_with_their_gatherer() {
        let dropped = DroppedFields::new(true);
        for _ in 0..2 {
            dropped.hear(&Ignored {
                what: "/api/v1/nodes",
                field: "status.images",
            });
        }
        let mut look = Look::default();
        look.other_words.insert(("k8s_pv", "phase"), 3);
        let text = dropped.with(&look).to_string();
        let node = text.find("k8s/node\n").unwrap();
        let field = text
            .find("2  status.images  (not on the allowlist)")
            .unwrap();
        let word = text.find("3  k8s_pv.phase  (word").unwrap();
        assert!(
            node < field && text.find("k8s/pv\n").unwrap() < word,
            "{text}"
        );
        assert!(!text.contains("k8s/pvc\n"), "{text}");
    }

    #[test]
    fn without_explanation_few_answers_of_each_list_are_looked_at_and_the_first_always() {
        let heard = |looks_at_all| {
            let fields = DroppedFields::new(looks_at_all);
            (0..9)
                .filter(|_| fields.is_listening("/api/v1/nodes"))
                .count()
        };
        assert_eq!((heard(true), heard(false)), (9, 4));
        let fields = DroppedFields::new(false);
        assert!(fields.is_listening("pool.query") && fields.is_listening("disk.query"));
    }
}
