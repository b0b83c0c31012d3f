//! Who may read until when: the budgets of the configuration laid over the time of one run.
//!
//! Sealing has a part of the run that no source can use, and so have the lists of the cluster that are read once more:
//! an appliance that is slow costs its own lists, not the bundle and not the comparison of the two reads.

use tokio::time::{Duration, Instant};

use crate::config::{Budgets, Share};
use crate::source::Budget;

/// Sealing, the map of names and the state: a tenth of the run, and never more than this.
const MAX_SEALING: Duration = Duration::from_secs(120);

/// The lists that are read once more: a fifth of the run, and never more than this.
const MAX_AGAIN: Duration = Duration::from_secs(300);

/// The plan of one run.
#[derive(Debug)]
pub(super) struct Schedule {
    budgets: Budgets,
    /// From here on nothing is read.
    sealing_at: Instant,
    /// From here on only the second reads are.
    again_at: Instant,
}

impl Schedule {
    /// Begins a run at `start`.
    pub(super) fn new(budgets: Budgets, start: Instant, has_cluster: bool) -> Self {
        let sealing = (budgets.run / 10).min(MAX_SEALING);
        let again = match has_cluster {
            true => (budgets.run / 5).min(MAX_AGAIN),
            false => Duration::ZERO,
        };
        Self {
            budgets,
            sealing_at: start + budgets.run - sealing,
            again_at: start + budgets.run - sealing - again,
        }
    }

    /// What the cluster may use from `now` on, before `n_appliances` follow.
    pub(super) fn cluster(&self, now: Instant, n_appliances: usize) -> Budget {
        self.budget(self.budgets.kubernetes, now, n_appliances + 1)
    }

    /// What an appliance may use from `now` on, itself counted among those that are `left`.
    pub(super) fn appliance(&self, now: Instant, n_left: usize) -> Budget {
        self.budget(self.budgets.truenas, now, n_left)
    }

    /// What the second reads may use.
    pub(super) fn again(&self) -> Budget {
        Budget::new(self.sealing_at, self.budgets.kubernetes.bytes)
    }

    fn budget(&self, share: Share, now: Instant, n_left: usize) -> Budget {
        Budget::new(self.deadline(share.time, now, n_left), share.bytes)
    }

    /// The own share, but no more than an equal part of what is left for all that follow.
    fn deadline(&self, time: Duration, now: Instant, n_left: usize) -> Instant {
        let left = self.again_at.saturating_duration_since(now);
        let n_left = u32::try_from(n_left).unwrap_or(u32::MAX).max(1);
        now + time.min(left / n_left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Minutes after the start at which a source has to end.
    #[track_caller]
    fn check(at_minute: u32, n_left: usize, expected: u32) {
        let start = Instant::now();
        let budgets = Budgets::default();
        let schedule = Schedule::new(budgets, start, true);
        let now = start + at_minute * MINUTE;
        let deadline = schedule.deadline(budgets.truenas.time, now, n_left);
        assert_eq!((deadline - start).as_secs() / 60, u64::from(expected));
    }

    #[test]
    fn source_alone_has_its_own_share() {
        check(0, 1, 10);
    }

    #[test]
    fn sources_that_follow_have_an_equal_part_of_what_is_left() {
        // Of 25 minutes 2 are for sealing and 5 for the second reads.
        check(0, 3, 6);
        check(6, 2, 12);
        check(12, 1, 18);
    }

    #[test]
    fn what_a_quick_source_leaves_is_there_for_the_next() {
        check(1, 2, 9);
        check(2, 1, 12);
    }

    #[test]
    fn second_reads_have_time_when_everything_else_used_up_its_own() {
        let start = Instant::now();
        let schedule = Schedule::new(Budgets::default(), start, true);
        let late = start + 18 * MINUTE;
        assert_eq!(schedule.deadline(10 * MINUTE, late, 1), late);
        assert_eq!(schedule.sealing_at - late, 5 * MINUTE);
        assert_eq!(start + 25 * MINUTE - schedule.sealing_at, 2 * MINUTE);
    }

    #[test]
    fn run_of_any_length_has_time_for_everything() {
        let start = Instant::now();
        for millis in [1, 10, 1_000, 86_400_000] {
            let run = Duration::from_millis(millis);
            let budgets = Budgets {
                run,
                ..Budgets::default()
            };
            let schedule = Schedule::new(budgets, start, true);
            assert!(start < schedule.again_at && schedule.again_at < schedule.sealing_at);
            assert!(schedule.sealing_at < start + run);
        }
    }
}
