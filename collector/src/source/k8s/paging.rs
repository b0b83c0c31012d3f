//! Which page to ask for next: pure, so that every answer of a server can be tried without one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::source::SourceError;
use crate::source::k8s::{ContinueToken, ListSummary, Page};

/// Objects per page: 500 whole pods are a few megabytes.
const LIMIT: u32 = 500;

/// More than this is no list but a server that never ends: 5 million objects at the usual limit.
const MAX_PAGES: usize = 10_000;

/// What to do when a continue token is too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnExpired {
    /// Start again once, then go on.
    RestartOnce,
    /// Go on at a newer version at once: what was handed over cannot be taken back.
    GoOn,
}

/// What follows a failed page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterFailure {
    /// Ask again, with [`Paging::limit`] and [`Paging::token`] as they are now.
    Again,
    /// Forget all pages and ask again.
    Restart,
}

/// The state of reading one list.
#[derive(Debug)]
pub(super) struct Paging {
    on_expired: OnExpired,
    limit: u32,
    token: Option<ContinueToken>,
    seen: HashSet<u64>,
    n_requests: usize,
    has_begun_again: bool,
    summary: ListSummary,
}

impl Paging {
    /// Starts at the first page.
    pub(super) fn new(on_expired: OnExpired) -> Self {
        Self {
            on_expired,
            limit: LIMIT,
            token: None,
            seen: HashSet::new(),
            n_requests: 0,
            has_begun_again: false,
            summary: ListSummary::new(),
        }
    }

    /// Objects to ask for.
    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// Where to ask from.
    pub(super) fn token(&self) -> Option<&ContinueToken> {
        self.token.as_ref()
    }

    /// Notes a page; `true` when there is another one.
    pub(super) fn arrived<T>(&mut self, page: &Page<T>) -> Result<bool, SourceError> {
        self.count_request()?;
        self.summary.add(page);
        let Some(token) = &page.continue_token else {
            return Ok(false);
        };
        if !self.seen.insert(hash(token)) {
            return Err(SourceError::Endless {
                n_pages: self.summary.n_pages,
            });
        }
        self.token = Some(token.clone());
        Ok(true)
    }

    /// Notes a failure and decides; an error that nothing can be done about comes back.
    pub(super) fn failed(&mut self, error: SourceError) -> Result<AfterFailure, SourceError> {
        self.count_request()?;
        match error {
            SourceError::TooLarge { .. } if self.limit > 1 => {
                self.limit /= 2;
                Ok(AfterFailure::Again)
            }
            SourceError::Expired { .. } if self.on_expired == OnExpired::RestartOnce => {
                self.on_expired = OnExpired::GoOn;
                self.token = None;
                self.seen.clear();
                self.summary = ListSummary::new();
                Ok(AfterFailure::Restart)
            }
            // Nothing was handed over yet, so nothing is lost by beginning once more.
            SourceError::Expired { .. } if self.summary.n_pages == 0 && !self.has_begun_again => {
                self.has_begun_again = true;
                self.token = None;
                Ok(AfterFailure::Again)
            }
            SourceError::Expired { fresh: Some(token) } if self.seen.insert(hash(&token)) => {
                self.token = Some(token);
                self.summary.is_consistent = false;
                Ok(AfterFailure::Again)
            }
            error => Err(error),
        }
    }

    /// What was read.
    pub(super) fn finish(self) -> ListSummary {
        self.summary
    }

    fn count_request(&mut self) -> Result<(), SourceError> {
        self.n_requests += 1;
        if self.n_requests > MAX_PAGES {
            return Err(SourceError::Endless {
                n_pages: self.summary.n_pages,
            });
        }
        Ok(())
    }
}

fn hash(token: &ContinueToken) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(token: &str, version: &str) -> Page<u8> {
        Page {
            items: vec![1, 2],
            resource_version: Some(version.to_owned()),
            continue_token: ContinueToken::parse(token),
            remaining: None,
            date: Some(7),
        }
    }

    fn expired(fresh: &str) -> SourceError {
        SourceError::Expired {
            fresh: ContinueToken::parse(fresh),
        }
    }

    #[test]
    fn list_ends_with_the_page_that_has_no_token() {
        let mut paging = Paging::new(OnExpired::GoOn);
        assert_eq!(paging.arrived(&page("a", "5")), Ok(true));
        assert_eq!(paging.token().map(ContinueToken::as_str), Some("a"));
        assert_eq!(paging.arrived(&page("", "5")), Ok(false));
        let summary = paging.finish();
        assert_eq!(
            (summary.n_items, summary.n_pages, summary.is_consistent),
            (4, 2, true)
        );
        assert_eq!(
            (summary.resource_version.as_deref(), summary.date),
            (Some("5"), Some(7))
        );
    }

    #[test]
    fn token_that_comes_twice_ends_the_walk() {
        let mut paging = Paging::new(OnExpired::GoOn);
        assert_eq!(paging.arrived(&page("a", "5")), Ok(true));
        assert_eq!(paging.arrived(&page("b", "5")), Ok(true));
        assert_eq!(
            paging.arrived(&page("a", "5")),
            Err(SourceError::Endless { n_pages: 3 })
        );
    }

    #[test]
    fn pages_without_end_are_given_up() {
        let mut paging = Paging::new(OnExpired::GoOn);
        let end = (0..).find_map(|number| paging.arrived(&page(&number.to_string(), "5")).err());
        assert_eq!(end, Some(SourceError::Endless { n_pages: MAX_PAGES }));
    }

    #[test]
    fn page_that_is_too_large_is_halved_down_to_one_object() {
        let mut paging = Paging::new(OnExpired::GoOn);
        let too_large = SourceError::TooLarge { limit_bytes: 1 };
        let mut limits = vec![paging.limit()];
        while paging.failed(too_large.clone()) == Ok(AfterFailure::Again) {
            limits.push(paging.limit());
        }
        assert_eq!(limits, [500, 250, 125, 62, 31, 15, 7, 3, 1]);
        assert_eq!(paging.failed(too_large.clone()), Err(too_large));
    }

    #[test]
    fn smaller_pages_go_on_from_the_same_token() {
        let mut paging = Paging::new(OnExpired::GoOn);
        paging.arrived(&page("a", "5")).unwrap();
        paging
            .failed(SourceError::TooLarge { limit_bytes: 1 })
            .unwrap();
        assert_eq!(
            (paging.limit(), paging.token().map(ContinueToken::as_str)),
            (250, Some("a"))
        );
    }

    #[test]
    fn expired_token_restarts_once_and_then_goes_on_inconsistently() {
        let mut paging = Paging::new(OnExpired::RestartOnce);
        paging.arrived(&page("a", "5")).unwrap();
        assert_eq!(paging.failed(expired("fresh")), Ok(AfterFailure::Restart));
        assert_eq!(paging.token(), None);
        paging.arrived(&page("a", "6")).unwrap();
        assert_eq!(paging.failed(expired("fresh")), Ok(AfterFailure::Again));
        assert_eq!(paging.token().map(ContinueToken::as_str), Some("fresh"));
        assert_eq!(paging.arrived(&page("", "9")), Ok(false));
        let summary = paging.finish();
        assert_eq!(
            (summary.n_items, summary.n_pages, summary.is_consistent),
            (4, 2, false)
        );
        assert_eq!(summary.resource_version.as_deref(), Some("6"));
    }

    #[test]
    fn restarted_list_is_consistent() {
        let mut paging = Paging::new(OnExpired::RestartOnce);
        paging.arrived(&page("a", "5")).unwrap();
        paging.failed(expired("")).unwrap();
        paging.arrived(&page("", "6")).unwrap();
        assert!(paging.finish().is_consistent);
    }

    #[test]
    fn expired_token_without_a_fresh_one_ends_the_walk() {
        let mut paging = Paging::new(OnExpired::GoOn);
        paging.arrived(&page("a", "5")).unwrap();
        assert_eq!(paging.failed(expired("")), Err(expired("")));
    }

    #[test]
    fn list_that_expires_before_its_first_page_begins_once_more() {
        let mut paging = Paging::new(OnExpired::GoOn);
        assert_eq!(paging.failed(expired("")), Ok(AfterFailure::Again));
        assert_eq!(paging.failed(expired("")), Err(expired("")));
        let mut paging = Paging::new(OnExpired::GoOn);
        assert_eq!(paging.failed(expired("fresh")), Ok(AfterFailure::Again));
        assert_eq!(paging.token(), None);
        assert_eq!(paging.arrived(&page("", "6")), Ok(false));
        assert!(paging.finish().is_consistent);
    }

    #[test]
    fn version_that_changes_between_pages_is_inconsistent() {
        let mut paging = Paging::new(OnExpired::GoOn);
        paging.arrived(&page("a", "5")).unwrap();
        paging.arrived(&page("", "6")).unwrap();
        assert!(!paging.finish().is_consistent);
    }

    #[test]
    fn other_failures_come_back() {
        let mut paging = Paging::new(OnExpired::RestartOnce);
        assert_eq!(
            paging.failed(SourceError::Forbidden),
            Err(SourceError::Forbidden)
        );
    }
}
