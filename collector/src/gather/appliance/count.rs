//! Whether as many objects came as the server counted.

use crate::gather::sink::Tally;
use crate::source::SourceError;

/// Compares what was found with the count before the walk. Only when something is missing the server counts again:
/// what was deleted meanwhile is not missing, what it counts both times and does not give is.
pub(super) async fn compare(
    tally: &mut Tally<'_>,
    n_found: i64,
    before: Option<i64>,
    again: impl Future<Output = Result<i64, SourceError>>,
) -> Result<(), SourceError> {
    tally.n_expected = before;
    let Some(before) = before.filter(|before| n_found < *before) else {
        return Ok(());
    };
    // What the server counted once and cannot count again is missing until it says otherwise.
    let Ok(after) = again.await else {
        return Err(SourceError::Short);
    };
    tally.n_expected = Some(before.min(after));
    match n_found < after {
        true => Err(SourceError::Short),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::sink::Kept;

    #[track_caller]
    fn check(
        n_found: i64,
        before: Option<i64>,
        after: Result<i64, SourceError>,
        expected: (Result<(), SourceError>, Option<i64>),
    ) {
        let mut kept = Kept::default();
        let mut tally = Tally::new(&mut kept);
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let compared = compare(&mut tally, n_found, before, std::future::ready(after));
        let compared = runtime.unwrap().block_on(compared);
        assert_eq!((compared, tally.n_expected), expected);
    }

    #[test]
    fn only_what_both_counts_hold_is_missing() {
        check(9, Some(10), Ok(10), (Err(SourceError::Short), Some(10)));
        check(9, Some(10), Ok(12), (Err(SourceError::Short), Some(10)));
        check(8, Some(10), Ok(9), (Err(SourceError::Short), Some(9)));
        check(9, Some(10), Ok(9), (Ok(()), Some(9)));
    }

    #[test]
    fn second_count_is_asked_for_only_when_something_is_missing() {
        let never = || Err(SourceError::TimedOut);
        check(10, Some(10), never(), (Ok(()), Some(10)));
        check(11, Some(10), never(), (Ok(()), Some(10)));
    }

    #[test]
    fn list_that_is_short_is_not_whole_because_the_server_cannot_count_again() {
        let failed = Err(SourceError::TimedOut);
        check(9, Some(10), failed, (Err(SourceError::Short), Some(10)));
    }

    #[test]
    fn server_that_does_not_count_says_nothing() {
        check(0, None, Ok(7), (Ok(()), None));
    }
}
