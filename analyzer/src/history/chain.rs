//! What the chains of a domain look like: missing numbers, forks, breaks, new beginnings, clocks that went back, silence.
//!
//! A function of the bundles held, whatever the order they came in. A chain cannot show that its newest bundles were
//! withheld; only the schedule can.

use std::collections::{BTreeMap, BTreeSet};

use truenas_common::bundle::PrevReason;

use super::ledger::LedgerEntry;
use super::store::History;
use super::stream::Stream;

/// Planned runs that bring nothing before a chain is called silent.
pub const SILENT_RUNS: i64 = 2;

/// One chain of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainState {
    /// Site.
    pub site: String,
    /// Chain id.
    pub stream: String,
    /// Number of the first bundle held.
    pub first_seq: i64,
    /// Number of the newest bundle held.
    pub last_seq: i64,
    /// Bundles held.
    pub n_bundles: usize,
    /// End of the newest bundle, Unix seconds.
    pub newest_at: i64,
    /// Seconds between planned runs, as the newest bundle says.
    pub expected_every_secs: Option<i64>,
    /// Missing numbers, both inclusive.
    pub gaps: Vec<(i64, i64)>,
    /// Numbers that two bundles carry; neither is used.
    pub forks: Vec<i64>,
    /// Numbers whose `prev` is not the digest of the bundle before.
    pub broken: Vec<i64>,
    /// Numbers that began before the bundle with the number before had ended: the collector's clock went back.
    pub clock_back: Vec<i64>,
    /// Why the chain began, when the site had another one before.
    pub restart: Option<PrevReason>,
}

impl ChainState {
    /// Planned runs that brought nothing up to a time; nothing without a schedule. A run has until the next one is due.
    pub fn n_missed(&self, now: i64) -> Option<i64> {
        let every = self.expected_every_secs.filter(|secs| *secs > 0)?;
        let age = now.saturating_sub(self.newest_at);
        Some((age - 1).max(0) / every)
    }

    /// Whether nothing new came for more than twice the planned pause.
    pub fn is_silent(&self, now: i64) -> bool {
        self.n_missed(now).is_some_and(|n| n >= SILENT_RUNS)
    }

    /// Whether a run outside the schedule began it: such a chain ends with its purpose.
    pub fn is_on_demand(&self) -> bool {
        self.restart == Some(PrevReason::OnDemand)
    }
}

/// The chains of a domain by site, oldest first, of the bundles that ended not later than `until` (Unix seconds).
pub fn chains(history: &History, domain: &str, until: i64) -> Vec<ChainState> {
    let streams = history.streams().filter(|((of, _), _)| of == domain);
    let mut states: Vec<(i64, ChainState)> = streams
        .filter_map(|((_, id), stream)| state(id, stream, until))
        .collect();
    states.sort_by(|(a_at, a), (b_at, b)| {
        (&a.site, a_at, &a.stream).cmp(&(&b.site, b_at, &b.stream))
    });
    let mut known = BTreeSet::new();
    states
        .into_iter()
        .map(|(_, mut state)| {
            if known.insert(state.site.clone()) {
                state.restart = None;
            }
            state
        })
        .collect()
}

/// State of one chain and the time it began; every chain is a restart until its site is looked at.
fn state(id: &str, stream: &Stream, until: i64) -> Option<(i64, ChainState)> {
    let is_in_time = |entry: &&LedgerEntry| entry.ended_at <= until;
    let bundles: Vec<&LedgerEntry> = stream.bundles().filter(is_in_time).collect();
    let (first, last) = (*bundles.first()?, *bundles.last()?);
    let forks: BTreeSet<i64> = stream.forks().filter(is_in_time).map(seq).collect();
    let mut state = ChainState {
        site: first.site.clone(),
        stream: id.to_owned(),
        first_seq: seq(first),
        last_seq: seq(last),
        n_bundles: bundles.len(),
        newest_at: last.ended_at,
        expected_every_secs: last.expected_every_secs,
        gaps: Vec::new(),
        forks: forks.iter().copied().collect(),
        broken: Vec::new(),
        clock_back: Vec::new(),
        restart: Some(first.prev_reason),
    };
    if state.first_seq > 1 && !first.link.is_start() {
        state.add_gap(1, state.first_seq - 1, &forks);
    }
    for pair in bundles.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        if seq(before) + 1 == seq(after) {
            if after.link.prev != before.link.sha256 {
                state.broken.push(seq(after));
            }
        } else {
            state.add_gap(seq(before) + 1, seq(after) - 1, &forks);
        }
        if after.started_at < before.ended_at {
            state.clock_back.push(seq(after));
        }
    }
    Some((first.started_at, state))
}

impl ChainState {
    /// Numbers that a fork took out are not missing.
    fn add_gap(&mut self, from: i64, to: i64, forks: &BTreeSet<i64>) {
        let mut start = from;
        for fork in forks.range(from..=to) {
            if start < *fork {
                self.gaps.push((start, fork - 1));
            }
            start = fork + 1;
        }
        if start <= to {
            self.gaps.push((start, to));
        }
    }
}

fn seq(entry: &LedgerEntry) -> i64 {
    i64::try_from(entry.link.seq).unwrap_or(i64::MAX)
}

/// Two sites of a domain whose bundles of one epoch were made with different pseudonym keys: their names cannot be
/// joined, and the domain is wrong.
pub fn key_contradiction(history: &History, domain: &str) -> Option<(String, String)> {
    let mut held: BTreeMap<i64, &LedgerEntry> = BTreeMap::new();
    let streams = history.streams().filter(|((of, _), _)| of == domain);
    for entry in streams.flat_map(|(_, stream)| stream.bundles()) {
        if entry.key_check.is_empty() || entry.profile == "open" {
            continue;
        }
        let first = held.entry(entry.epoch).or_insert(entry);
        if first.key_check != entry.key_check {
            return Some((first.bundle.clone(), entry.bundle.clone()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use truenas_common::bundle::Link;

    fn entry(stream: &str, number: u64, prev: &str, at: i64) -> LedgerEntry {
        LedgerEntry {
            bundle: format!("k3f9-{number:06}"),
            site: "k3f9".to_owned(),
            link: Link {
                stream: stream.to_owned(),
                seq: number,
                prev: prev.to_owned(),
                sha256: format!("{stream}{number}"),
            },
            prev_reason: PrevReason::StateLost,
            started_at: at,
            ended_at: at + 10,
            expected_every_secs: Some(100),
            key_check: "one".to_owned(),
            ..LedgerEntry::sample(stream, number.cast_signed())
        }
    }

    fn history(entries: Vec<LedgerEntry>) -> History {
        let mut history = History::in_memory();
        for entry in entries {
            history.place_entry("acme", entry);
        }
        history
    }

    #[test]
    fn gaps_breaks_forks_and_clocks_are_a_function_of_the_set() {
        let mut entries = vec![
            entry("s", 1, "00", 0),
            entry("s", 2, "s1", 100),
            entry("s", 3, "other", 105),
            entry("s", 6, "s5", 300),
            entry("s", 8, "s7", 400),
        ];
        let mut fork = entry("s", 8, "s7", 400);
        fork.link.sha256 = "x".to_owned();
        entries.push(fork);
        entries.push(entry("s", 9, "x", 500));
        let expected = chains(&history(entries.clone()), "acme", i64::MAX);
        assert_eq!(expected[0].gaps, [(4, 5), (7, 7)]);
        assert_eq!(expected[0].forks, [8]);
        assert_eq!(expected[0].broken, [3]);
        assert_eq!(expected[0].clock_back, [3]);
        assert_eq!(expected[0].restart, None);
        entries.reverse();
        assert_eq!(chains(&history(entries), "acme", i64::MAX), expected);
    }

    #[test]
    fn a_second_chain_of_a_site_is_a_restart_and_silence_is_twice_the_pause() {
        let held = history(vec![
            entry("s", 1, "00", 0),
            entry("a", 1, "00", 1_000),
            entry("a", 2, "a1", 1_100),
        ]);
        let states = chains(&held, "acme", i64::MAX);
        assert_eq!(
            states
                .iter()
                .map(|state| (state.stream.as_str(), state.restart))
                .collect::<Vec<_>>(),
            [("s", None), ("a", Some(PrevReason::StateLost))]
        );
        assert!(!states[1].is_silent(1_310) && states[1].is_silent(1_311));
    }

    #[test]
    fn a_run_is_missed_when_its_time_is_over_and_not_before() {
        let held = history(vec![entry("s", 1, "00", 0)]);
        let mut state = chains(&held, "acme", i64::MAX).remove(0);
        // The bundle ended at 10, the next one is due at 110.
        for (now, n) in [(0, 0), (10, 0), (110, 0), (111, 1), (210, 1), (211, 2)] {
            assert_eq!(state.n_missed(now), Some(n), "{now}");
            assert_eq!(state.is_silent(now), n >= SILENT_RUNS, "{now}");
        }
        for every in [None, Some(0), Some(-1)] {
            state.expected_every_secs = every;
            assert_eq!(state.n_missed(1_000_000), None);
            assert!(!state.is_silent(1_000_000));
        }
    }

    #[test]
    fn one_domain_with_two_pseudonym_keys_is_named() {
        let mut other = entry("t", 1, "00", 5);
        other.key_check = "two".to_owned();
        assert_eq!(
            key_contradiction(&history(vec![entry("s", 1, "00", 0)]), "acme"),
            None
        );
        assert!(
            key_contradiction(
                &history(vec![entry("s", 1, "00", 0), other.clone()]),
                "acme"
            )
            .is_some()
        );
        other.epoch = 2;
        let renewed = history(vec![entry("s", 1, "00", 0), other]);
        assert_eq!(key_contradiction(&renewed, "acme"), None);
    }
}
