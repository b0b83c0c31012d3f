//! Random histories of a dataset, counted block by block.

use proptest::prelude::*;

use super::*;

/// A block: the snapshot interval in which it was born (0 is the origin of a clone), and the one in which it died.
#[derive(Clone, Copy, Debug)]
struct Block {
    born: usize,
    /// One more than the last snapshot that refers to it; the head refers to what has none.
    died: Option<usize>,
    bytes: i64,
}

/// A history: what refers to a block is every snapshot between its birth and its death.
#[derive(Clone, Debug)]
struct World {
    n: usize,
    blocks: Vec<Block>,
    is_clone: bool,
}

impl World {
    /// Whether snapshot `k` (from 1; `n + 1` is the head) refers to a block.
    fn refers(&self, k: usize, block: &Block) -> bool {
        block.born <= k && block.died.is_none_or(|died| died > k)
    }

    fn sum(&self, is_counted: impl Fn(&Block) -> bool) -> i64 {
        self.blocks
            .iter()
            .filter(|block| is_counted(block))
            .map(|block| block.bytes)
            .sum()
    }

    /// Bytes that nothing refers to any more once these snapshots are gone; the origin keeps its own.
    fn freed(&self, is_deleted: impl Fn(usize) -> bool) -> i64 {
        self.sum(|block| {
            let users: Vec<usize> = (1..=self.n + 1)
                .filter(|k| self.refers(*k, block))
                .collect();
            block.born > 0 && !users.is_empty() && users.into_iter().all(&is_deleted)
        })
    }

    /// `written@since` of `k`: what it refers to and `since` does not, born behind it.
    fn written_since(&self, since: usize, k: usize) -> i64 {
        self.sum(|block| block.born > since && self.refers(k, block))
    }

    fn timeline(&self) -> Timeline {
        let row = |k: usize| Snapshot {
            name: format!("s{k}"),
            created_txg: 100 * i64::try_from(k).unwrap(),
            created_at: Some(i64::try_from(k).unwrap()),
            referenced_bytes: Some(self.sum(|block| self.refers(k, block))),
            written_bytes: Some(self.written_since(k - 1, k)),
            used_bytes: Some(self.freed(|other| other == k)),
            n_holds: Some(0),
            clones: Vec::new(),
        };
        let head = Head {
            referenced_bytes: Some(self.sum(|block| self.refers(self.n + 1, block))),
            written_bytes: Some(self.written_since(self.n, self.n + 1)),
            used_by_snapshots_bytes: Some(self.freed(|k| k <= self.n)),
            is_clone: self.is_clone,
        };
        Timeline::new((1..=self.n).rev().map(row).collect(), head)
    }
}

/// Writes, overwrites and deletions over some snapshots; blocks that die in the interval of their birth are never seen.
fn world() -> impl Strategy<Value = World> {
    let step = (
        any::<bool>(),
        any::<prop::sample::Index>(),
        1_i64..1_000_000_000_000,
    );
    let interval = prop::collection::vec(step, 0..6);
    (prop::collection::vec(interval, 2..10), any::<bool>()).prop_map(|(intervals, is_clone)| {
        let n = intervals.len() - 2;
        let mut blocks: Vec<Block> = Vec::new();
        for (at, steps) in intervals.iter().enumerate() {
            if at == 0 && !is_clone {
                continue;
            }
            for (is_death, victim, bytes) in steps {
                let bytes = *bytes;
                let died = None;
                let mut living: Vec<&mut Block> = blocks
                    .iter_mut()
                    .filter(|block| block.died.is_none())
                    .collect();
                if at > 0 && *is_death && !living.is_empty() {
                    let index = victim.index(living.len());
                    living[index].died = Some(at);
                } else {
                    blocks.push(Block {
                        born: at,
                        died,
                        bytes,
                    });
                }
            }
        }
        World {
            n,
            blocks,
            is_clone,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_computed_is_what_counting_blocks_finds(
        world in world(),
        sets in prop::collection::vec(any::<u16>(), 8),
        kept in any::<u16>(),
    ) {
        let timeline = world.timeline();
        prop_assert_eq!(timeline.breaks(), &[]);
        let n = world.n;
        let mut cuts = Vec::new();
        for m in 0..=n {
            let true_bytes = world.freed(|k| k <= m);
            let exact = timeline.freed_by_oldest(m);
            prop_assert_eq!(exact.is_none(), world.is_clone && m > 0 && m < n);
            prop_assert_eq!(exact.unwrap_or(true_bytes), true_bytes);
            cuts.push(true_bytes);
        }
        for first in 0..n {
            for last in first..n {
                let since = world.written_since(first, last + 2);
                let exact = timeline.freed_by_run(first, last, since);
                prop_assert_eq!(exact.is_none(), first == 0 && !world.is_clone);
                let true_bytes = world.freed(|k| k > first && k <= last + 1);
                prop_assert_eq!(exact.unwrap_or(true_bytes), true_bytes);
            }
        }
        let has = |set: u16, index: usize| set >> index & 1 == 1;
        for set in sets {
            let true_bytes = world.freed(|k| k <= n && has(set, k - 1));
            let freed = timeline.freed_by(|index| has(set, index)).unwrap();
            prop_assert!(freed.least_bytes <= true_bytes && true_bytes <= freed.most_bytes, "{:?} {}", freed, true_bytes);
            let used = |index: &usize| timeline.snapshots()[*index].used_bytes.unwrap();
            let diagonal: i64 = (0..n).filter(|index| has(set, *index)).map(|index| used(&index)).sum();
            prop_assert!(diagonal <= freed.least_bytes);
        }
        if !world.is_clone {
            for wanted in cuts.iter().flat_map(|bytes| [*bytes, bytes + 1]).filter(|wanted| *wanted > 0) {
                let goal = smallest_cut(&[&timeline], wanted);
                let smallest = cuts.iter().position(|bytes| *bytes >= wanted);
                prop_assert_eq!(goal.is_reached, smallest.is_some());
                if let Some(m) = smallest {
                    prop_assert_eq!(goal.cuts[0].unwrap().n_older, m);
                }
            }
        }
        // With some that stay, the cut still is what was counted, and a longer one never frees less.
        let mut snapshots = timeline.snapshots().to_vec();
        for (index, snapshot) in snapshots.iter_mut().enumerate() {
            snapshot.n_holds = Some(i64::from(has(kept, index)));
        }
        let held = Timeline::new(snapshots, timeline.head());
        let mut before = 0;
        for m in 0..=n {
            let freed = held.cut(m).unwrap().freed;
            let true_bytes = world.freed(|k| k <= m && !has(kept, k - 1));
            prop_assert!(freed.least_bytes <= true_bytes && true_bytes <= freed.most_bytes);
            prop_assert!(before <= freed.least_bytes);
            before = freed.least_bytes;
        }
    }
}
