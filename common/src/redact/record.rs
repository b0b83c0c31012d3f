//! What a run has replaced: hashes of the raw components, for the last look, and the pairs of the site's own map.
//!
//! Kept by a [`super::Redactor`] that was told to; names stand here in clear only as lines of the map, until they are
//! sealed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use serde::Serialize;
use zeroize::Zeroizing;

use super::pattern;

/// Shorter components are found in innocent text.
const MIN_CHARS: usize = 4;

/// Where names are taken apart before they are compared.
const SEPARATORS: [char; 5] = ['/', '.', ':', '@', ','];

/// Numbers, contexts and respelt paths made by machines name nothing that another pair does not, and are very many.
const NOT_MAPPED: &[&str] = &["ctx", "flat", "guid", "uid"];

/// Two names have one pseudonym: nothing that was written with it can be trusted.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "two different names have one pseudonym of kind `{kind}`; begin a new epoch with another pseudonym key"
)]
pub struct Collision {
    /// Kind of the pseudonym.
    pub kind: &'static str,
}

/// Tokens that stand in earlier maps: 80 bits of the token, 48 further bits of the same keyed hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped(BTreeMap<[u8; 10], [u8; 6]>);

impl Mapped {
    /// Reads records of 16 bytes; nothing when the length does not fit.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (records, rest) = bytes.as_chunks::<16>();
        let pairs = records.iter().map(|record| {
            let (token, check) = record.split_at(10);
            let token = <[u8; 10]>::try_from(token).unwrap_or_default();
            (token, <[u8; 6]>::try_from(check).unwrap_or_default())
        });
        rest.is_empty().then(|| Self(pairs.collect()))
    }

    /// The records, sorted.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0
            .iter()
            .flat_map(|(token, check)| token.iter().chain(check))
            .copied()
            .collect()
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no map was written yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One pair of the map, in the order of its keys.
#[derive(Serialize)]
struct Line<'a> {
    t: &'a str,
    k: &'a str,
    v: &'a str,
}

/// New pairs of a run.
#[derive(Debug)]
pub struct Pairs {
    /// JSON lines, sorted.
    pub lines: Zeroizing<Vec<u8>>,
    /// How many.
    pub n_new: usize,
    /// All tokens that now stand in maps.
    pub mapped: Mapped,
}

/// Hashes components as the record does; keys are random, so that hashes of two runs have nothing in common.
#[derive(Clone, Debug)]
pub struct Components(RandomState);

impl Components {
    /// Calls with the hash of every component that is long enough and not readable by its form.
    pub fn each(&self, name: &str, mut call: impl FnMut(u64)) {
        for component in name.split(SEPARATORS) {
            let is_readable =
                pattern::is_uuid_v4(component) || pattern::sidecar_uuid(component).is_some();
            if component.chars().count() >= MIN_CHARS && !is_readable {
                call(self.0.hash_one(component.to_lowercase().as_str()));
            }
        }
    }
}

/// The record of one run.
pub(super) struct Record {
    components: Components,
    replaced: HashSet<u64>,
    released: HashSet<u64>,
    mapped: HashMap<[u8; 10], [u8; 6]>,
    is_mapping: bool,
    lines: Zeroizing<Vec<u8>>,
    starts: Vec<u32>,
    collision: Option<Collision>,
}

impl Record {
    pub(super) fn new(earlier: Option<Mapped>) -> Self {
        Self {
            components: Components(RandomState::new()),
            replaced: HashSet::new(),
            released: HashSet::new(),
            is_mapping: earlier.is_some(),
            mapped: earlier.unwrap_or_default().0.into_iter().collect(),
            lines: Zeroizing::default(),
            starts: Vec::new(),
            collision: None,
        }
    }

    pub(super) fn components(&self) -> Components {
        self.components.clone()
    }

    /// Notes a raw name that does not leave.
    pub(super) fn replaced(&mut self, name: &str) {
        let replaced = &mut self.replaced;
        self.components.each(name, |hash| {
            replaced.insert(hash);
        });
    }

    /// Notes a name that leaves on purpose: a platform's word, a date.
    pub(super) fn released(&mut self, name: &str) {
        let released = &mut self.released;
        self.components.each(name, |hash| {
            released.insert(hash);
        });
    }

    /// Whether a component was replaced, and nowhere left readable on purpose.
    pub(super) fn must_not_leave(&self, hash: u64) -> bool {
        self.replaced.contains(&hash) && !self.released.contains(&hash)
    }

    /// Notes a pair; `hash` is the whole keyed hash behind the last component of the token.
    pub(super) fn pair(&mut self, kind: &'static str, token: &str, value: &str, hash: &[u8; 32]) {
        if !self.is_mapping || NOT_MAPPED.contains(&kind) {
            return;
        }
        let head = <[u8; 10]>::try_from(&hash[..10]).unwrap_or_default();
        let check = <[u8; 6]>::try_from(&hash[10..16]).unwrap_or_default();
        match self.mapped.insert(head, check) {
            Some(found) if found == check => return,
            Some(_) => {
                self.collision.get_or_insert(Collision { kind });
                return;
            }
            None => {}
        }
        let line = Line {
            t: token,
            k: kind,
            v: value,
        };
        self.starts
            .push(u32::try_from(self.lines.len()).unwrap_or(u32::MAX));
        // Text always serializes, and a Vec always takes it.
        let _ = serde_json::to_writer(&mut *self.lines, &line);
        self.lines.push(b'\n');
    }

    /// Takes the new pairs out.
    pub(super) fn take_pairs(&mut self) -> Result<Pairs, Collision> {
        if let Some(collision) = self.collision {
            return Err(collision);
        }
        let lines = std::mem::take(&mut self.lines);
        let starts = std::mem::take(&mut self.starts);
        let mut sorted: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
        sorted.sort_unstable();
        let mapped = self.mapped.iter().map(|(token, check)| (*token, *check));
        Ok(Pairs {
            n_new: starts.len(),
            mapped: Mapped(mapped.collect()),
            lines: Zeroizing::new(sorted.concat()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(record: &Record, exported: &str, is_refused: bool) {
        let mut found = false;
        record
            .components()
            .each(exported, |hash| found |= record.must_not_leave(hash));
        assert_eq!(found, is_refused, "{exported}");
    }

    #[test]
    fn replaced_components_are_found_wherever_they_stand() {
        let mut record = Record::new(None);
        record.replaced("tank/acme-prod/pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5");
        record.replaced("org.democratic-csi.nfs");
        record.released("org.democratic-csi.iscsi");
        check(&record, "x/acme-prod@y", true);
        check(&record, "nas.acme-prod.example", true);
        check(&record, "tank", true);
        check(&record, "Tank", true);
        check(&record, "acme", false);
        check(&record, "pvc-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5", false);
        check(&record, "democratic-csi", false);
        check(&record, "nfs", false);
    }

    #[test]
    fn pair_stands_in_one_map_only_and_a_second_name_of_a_token_is_a_collision() {
        let mut record = Record::new(Some(Mapped::default()));
        record.pair("ns", "ns-b", "prod", &[2; 32]);
        record.pair("ns", "ns-a", "dev", &[1; 32]);
        record.pair("ns", "ns-b", "prod", &[2; 32]);
        record.pair("guid", "guid-c", "17", &[3; 32]);
        let pairs = record.take_pairs().unwrap();
        assert_eq!(
            std::str::from_utf8(&pairs.lines).unwrap(),
            "{\"t\":\"ns-a\",\"k\":\"ns\",\"v\":\"dev\"}\n{\"t\":\"ns-b\",\"k\":\"ns\",\"v\":\"prod\"}\n"
        );
        assert_eq!((pairs.n_new, pairs.mapped.len()), (2, 2));
        assert!(!pairs.mapped.is_empty() && Mapped::default().is_empty());

        let earlier = Mapped::from_bytes(&pairs.mapped.to_bytes());
        assert_eq!(earlier.as_ref(), Some(&pairs.mapped));
        let mut record = Record::new(earlier);
        record.pair("ns", "ns-b", "prod", &[2; 32]);
        assert_eq!(record.take_pairs().unwrap().n_new, 0);
        let mut other = [2; 32];
        other[12] = 9;
        record.pair("ns", "ns-b", "other", &other);
        assert_eq!(record.take_pairs().unwrap_err(), Collision { kind: "ns" });
    }

    #[test]
    fn no_pair_is_kept_when_there_is_no_map() {
        let mut record = Record::new(None);
        record.pair("ns", "ns-b", "prod", &[2; 32]);
        assert!(record.take_pairs().unwrap().lines.is_empty());
        assert!(Mapped::from_bytes(&[0; 17]).is_none());
    }
}
