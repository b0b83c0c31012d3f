//! How much of a run one source may use: until when, and how many bytes of answers.
//!
//! What a budget does not allow is not asked any more: the list that was being read and all that follow are truncated,
//! and say why.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::{Duration, Instant};

use crate::source::SourceError;

/// What one source has left.
#[derive(Debug)]
pub struct Budget {
    deadline: Option<Instant>,
    bytes_left: AtomicU64,
}

/// What was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetKind {
    /// Time.
    #[error("time")]
    Time,
    /// Bytes of answers.
    #[error("size")]
    Bytes,
}

impl Default for Budget {
    /// Without limits.
    fn default() -> Self {
        Self {
            deadline: None,
            bytes_left: AtomicU64::new(u64::MAX),
        }
    }
}

impl Budget {
    /// Everything until `deadline`, but no more than `bytes`.
    pub fn new(deadline: Instant, bytes: u64) -> Self {
        Self {
            deadline: Some(deadline),
            bytes_left: AtomicU64::new(bytes),
        }
    }

    /// Fails when nothing is left of one of the two.
    pub(crate) fn check(&self) -> Result<(), SourceError> {
        if self.bytes_left.load(Ordering::Relaxed) == 0 {
            return Err(BudgetKind::Bytes.into());
        }
        match self.time_left() {
            Some(Duration::ZERO) => Err(BudgetKind::Time.into()),
            _ => Ok(()),
        }
    }

    /// Takes the bytes of an answer; one that is larger than what is left is not used at all.
    pub(super) fn spend(&self, n_bytes: usize) -> Result<(), SourceError> {
        let n_bytes = n_bytes as u64;
        let left = |left: u64| Some(left.saturating_sub(n_bytes));
        let before = self
            .bytes_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        match before.unwrap_or_else(|before| before) < n_bytes {
            true => Err(BudgetKind::Bytes.into()),
            false => Ok(()),
        }
    }

    /// Works for at most `limit`, and never beyond the deadline; the error says which of the two it was.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, SourceError>>,
    ) -> Result<T, SourceError> {
        self.check()?;
        let left = self.time_left().filter(|left| *left < limit);
        let ended = tokio::time::timeout(left.unwrap_or(limit), work).await;
        ended.unwrap_or_else(|_| match left {
            Some(_) => Err(BudgetKind::Time.into()),
            None => Err(SourceError::TimedOut),
        })
    }

    /// Waits for a busy server, unless the budget ends before.
    pub(crate) async fn pause(&self, wait: Duration) -> Result<(), SourceError> {
        self.check()?;
        if self.time_left().is_some_and(|left| left <= wait) {
            return Err(BudgetKind::Time.into());
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    fn time_left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn spent(what: BudgetKind) -> SourceError {
        SourceError::Spent { what }
    }

    fn ends_in(time: Duration, bytes: u64) -> Budget {
        Budget::new(Instant::now() + time, bytes)
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.unwrap().block_on(work)
    }

    #[test]
    fn answer_that_is_larger_than_the_rest_is_refused_and_ends_the_budget() {
        let budget = ends_in(HOUR, 100);
        assert_eq!(budget.spend(60), Ok(()));
        assert_eq!(budget.check(), Ok(()));
        assert_eq!(budget.spend(41), Err(spent(BudgetKind::Bytes)));
        assert_eq!(budget.check(), Err(spent(BudgetKind::Bytes)));
    }

    #[test]
    fn last_byte_can_be_used() {
        let budget = ends_in(HOUR, 100);
        assert_eq!(budget.spend(100), Ok(()));
        assert_eq!(budget.check(), Err(spent(BudgetKind::Bytes)));
    }

    #[test]
    fn without_limits_nothing_is_ever_spent() {
        let budget = Budget::default();
        for _ in 0..3 {
            assert_eq!(budget.spend(usize::MAX / 4), Ok(()));
        }
        assert_eq!(budget.check(), Ok(()));
    }

    #[test]
    fn work_ends_at_the_nearer_of_limit_and_deadline_and_says_which() {
        let forever = || std::future::pending::<Result<(), SourceError>>();
        let short = Duration::from_millis(5);
        let near_limit = async { ends_in(HOUR, 9).within(short, forever()).await };
        assert_eq!(block_on(near_limit), Err(SourceError::TimedOut));
        let near_deadline = async { ends_in(short, 9).within(HOUR, forever()).await };
        assert_eq!(block_on(near_deadline), Err(spent(BudgetKind::Time)));
        let done = async { ends_in(HOUR, 9).within(HOUR, async { Ok(7) }).await };
        assert_eq!(block_on(done), Ok(7));
    }

    #[test]
    fn nothing_begins_after_the_deadline() {
        let late = async {
            let budget = ends_in(Duration::ZERO, 9);
            let work = async { unreachable!("the work must not be polled") };
            budget.within::<()>(HOUR, work).await
        };
        assert_eq!(block_on(late), Err(spent(BudgetKind::Time)));
    }

    #[test]
    fn pause_that_would_end_after_the_deadline_is_not_begun() {
        let paused = async { ends_in(HOUR, 9).pause(HOUR * 2).await };
        assert_eq!(block_on(paused), Err(spent(BudgetKind::Time)));
        let paused = async { ends_in(HOUR, 9).pause(Duration::from_millis(1)).await };
        assert_eq!(block_on(paused), Ok(()));
    }
}
