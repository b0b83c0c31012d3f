//! What a run dropped and why, by gatherer: names of fields and counts, for the site alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::gather::{ALL, Read};
use crate::guard::Look;
use crate::source::{Ignored, OnIgnored};

/// How often a field of a list had no place.
type Counts = BTreeMap<&'static str, BTreeMap<String, u64>>;

/// More different names of fields than any resource has.
const MAX_FIELDS: usize = 2_000;

/// Counts fields while the run goes on.
#[derive(Clone, Debug, Default)]
pub(super) struct DroppedFields(Arc<Mutex<Counts>>);

/// What was dropped.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    fields: Counts,
    other_words: BTreeMap<(&'static str, &'static str), u64>,
}

impl DroppedFields {
    /// Hears of every field that has no place.
    pub(super) fn listener(&self) -> OnIgnored {
        let counts = Arc::clone(&self.0);
        Arc::new(move |ignored: &Ignored<'_>| {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let fields = counts.entry(ignored.what).or_default();
            if let Some(count) = fields.get_mut(ignored.field) {
                *count += 1;
            } else if fields.len() < MAX_FIELDS {
                fields.insert(ignored.field.to_owned(), 1);
            }
        })
    }

    /// The counts so far, with the words that the scan saw.
    pub(super) fn with(&self, look: &Look) -> Dropped {
        let fields = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Dropped {
            fields: fields.clone(),
            other_words: look.other_words.clone(),
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
        let dropped = DroppedFields::default();
        let listener = dropped.listener();
        for _ in 0..2 {
            listener(&Ignored {
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
}
