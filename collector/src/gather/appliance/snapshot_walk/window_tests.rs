use std::collections::{BTreeMap, VecDeque};

use super::super::ROWS;
use super::*;

/// What a walk over snapshots saw.
struct Walked {
    /// Times that each snapshot came, by transaction group and name.
    seen: BTreeMap<(i64, String), usize>,
    n_calls: usize,
}

impl Walked {
    #[track_caller]
    fn check(&self, txgs: &[i64]) -> usize {
        assert_eq!(self.seen.len(), txgs.len(), "every snapshot is seen");
        assert!(self.seen.values().all(|times| *times == 1), "and seen once");
        self.n_calls
    }
}

/// Walks over snapshots at these transaction groups, `n_ahead` calls at a time, through a proxy that cuts every answer of
/// more than `patience` rows.
fn walk(txgs: &[i64], total: Option<i64>, n_ahead: usize, patience: usize) -> Walked {
    let all: Vec<(i64, String)> = (0..)
        .zip(txgs)
        .map(|(number, txg)| (*txg, format!("{number:09}")))
        .collect();
    let mut windows = Windows::new(total, ROWS);
    let mut waiting: VecDeque<Window> = VecDeque::new();
    let mut walked = Walked {
        seen: BTreeMap::new(),
        n_calls: 0,
    };
    loop {
        while waiting.len() < n_ahead
            && let Some(window) = windows.next()
        {
            walked.n_calls += 1;
            waiting.push_back(window);
        }
        let Some(window) = waiting.pop_front() else {
            return walked;
        };
        let after = window.after().unwrap_or_default();
        let inside = |(txg, name): &&(i64, String)| {
            *txg >= window.lower()
                && (window.upper() == 0 || *txg <= window.upper())
                && name.as_str() > after
        };
        let found: Vec<&(i64, String)> = all.iter().filter(inside).take(window.rows).collect();
        if found.len() > patience {
            assert!(window.can_shrink());
            // The connection is gone, and with it all calls that wait.
            for later in waiting.drain(..).rev() {
                windows.put_back(later);
            }
            windows.cut_off(window);
            continue;
        }
        if found.len() < window.rows {
            windows.answered(&window, found.len());
        } else if window.after().is_none() {
            windows.full(window, found.iter().map(|(txg, _)| *txg));
            continue;
        } else {
            let newest = &found[found.len() - 1].1;
            assert!(windows.read_on(window, found.len(), newest));
        }
        for row in found {
            *walked.seen.entry(row.clone()).or_default() += 1;
        }
    }
}

fn daily(n_a_day: usize) -> Vec<i64> {
    (0..365)
        .flat_map(|day| vec![day * 17_280 + 4; n_a_day])
        .collect()
}

/// With and without a count, one call at a time and several.
fn ways(n_rows: usize) -> impl Iterator<Item = (Option<i64>, usize)> {
    let totals = [None, Some(n_rows as i64), Some(1)];
    totals
        .into_iter()
        .flat_map(|total| [1, 2, 4].map(|n_ahead| (total, n_ahead)))
}

#[test]
fn few_snapshots_are_one_window() {
    let txgs = [5, 100, 9_000_000];
    for n_ahead in [1, 4] {
        assert_eq!(walk(&txgs, Some(3), n_ahead, usize::MAX).check(&txgs), 1);
    }
}

#[test]
fn every_snapshot_is_seen_once_whether_or_not_they_are_counted() {
    let txgs = daily(300);
    for (total, n_ahead) in ways(txgs.len()) {
        let n_calls = walk(&txgs, total, n_ahead, usize::MAX).check(&txgs);
        assert!(n_calls < 4 * txgs.len() / ROWS + 40, "{n_calls}");
    }
}

#[test]
fn many_snapshots_of_one_moment_are_read_on_by_name() {
    let txgs = vec![1_000_000; 5 * ROWS];
    for (total, n_ahead) in ways(txgs.len()) {
        let n_calls = walk(&txgs, total, n_ahead, usize::MAX).check(&txgs);
        assert!(n_calls < 30, "{n_calls}");
    }
}

#[test]
fn nights_of_very_many_snapshots_cost_a_few_calls_each() {
    let txgs: Vec<i64> = (0..30)
        .flat_map(|day| vec![day * 17_280 + 4; 5_000])
        .collect();
    for (total, n_ahead) in ways(txgs.len()) {
        let n_calls = walk(&txgs, total, n_ahead, usize::MAX).check(&txgs);
        assert!(n_calls < 30 * 8, "{n_calls}");
    }
}

#[test]
fn proxy_without_patience_cuts_a_few_calls_and_not_every_other() {
    let txgs = daily(300);
    for (total, n_ahead) in ways(txgs.len()) {
        let n_calls = walk(&txgs, total, n_ahead, 500).check(&txgs);
        assert!(n_calls < 4 * txgs.len() / 500 + 40, "{n_calls}");
    }
    let mut windows = Windows::new(None, ROWS);
    let sizes: Vec<usize> = (0..5)
        .map(|_| {
            let window = windows.next().unwrap();
            windows.cut_off(window);
            windows.rows
        })
        .collect();
    assert_eq!(sizes, [500, 125, 50, 50, 50]);
    let window = windows.next().unwrap();
    windows.answered(&window, 0);
    assert_eq!(windows.rows, 50, "patience does not grow back");
}

#[test]
fn server_that_repeats_a_page_of_one_moment_is_not_asked_for_ever() {
    let mut windows = Windows::new(None, ROWS);
    windows.gaps = vec![Range::new(7, Some(7))];
    let window = windows.next().unwrap();
    assert!(windows.read_on(window, ROWS, "b"));
    let window = windows.next().unwrap();
    assert_eq!(window.after(), Some("b"));
    assert!(!windows.read_on(window, ROWS, "b"));
}
