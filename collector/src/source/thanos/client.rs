//! One query at a time, in as few parts as the largest answer allows.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use crate::source::http::{Answer, Getter};
use crate::source::thanos::access::PATH;
use crate::source::thanos::slice::Slice;
use crate::source::thanos::{PromQuery, Sample, ThanosAccess, answer};
use crate::source::{AccessError, Budget, NetworkKind, SourceError, sent};

/// How often a busy server is asked again.
const MAX_RETRIES: u32 = 3;

/// A client that can only send the compiled-in queries.
#[derive(Clone, Debug)]
pub struct ThanosClient {
    access: Arc<ThanosAccess>,
    getter: Getter,
}

/// What was read with a query, for the bundle's record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuerySummary {
    /// Answers that make up the whole.
    pub n_answers: usize,
    /// The server's clock at the first answer, Unix seconds.
    pub date: Option<i64>,
}

impl ThanosClient {
    /// Makes a client; nothing is connected yet.
    pub fn new(access: ThanosAccess) -> Result<Self, AccessError> {
        let tls = access.tls()?;
        let getter =
            Getter::new(tls, access.timeouts, Arc::clone(&access.budget)).map_err(|_| {
                AccessError::Missing {
                    what: "a usable TLS configuration",
                }
            })?;
        Ok(Self {
            access: Arc::new(access),
            getter,
        })
    }

    /// The same client with another budget.
    #[must_use]
    pub fn with_budget(&self, budget: Budget) -> Self {
        let budget = Arc::new(budget);
        let mut access = ThanosAccess::clone(&self.access);
        access.budget = Arc::clone(&budget);
        Self {
            access: Arc::new(access),
            getter: self.getter.with_budget(budget),
        }
    }

    /// Sends a query and hands over what it finds, in parts when one answer would be too large.
    ///
    /// # Errors
    /// The first part that cannot be read; parts before it were handed over.
    pub async fn query<L: DeserializeOwned>(
        &self,
        query: &'static PromQuery,
        mut on_samples: impl FnMut(Vec<Sample<L>>),
    ) -> Result<QuerySummary, SourceError> {
        let mut summary = QuerySummary::default();
        let mut waiting = vec![Slice::whole()];
        while let Some(slice) = waiting.pop() {
            match self.part(query, &slice).await {
                Ok((samples, date)) => {
                    summary.n_answers += 1;
                    summary.date = summary.date.or(date);
                    on_samples(samples);
                }
                Err(error @ SourceError::TooLarge { .. }) if query.is_by_claim() => {
                    waiting.extend(slice.halves().ok_or(error)?);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(summary)
    }

    async fn part<L: DeserializeOwned>(
        &self,
        query: &'static PromQuery,
        slice: &Slice,
    ) -> Result<(Vec<Sample<L>>, Option<i64>), SourceError> {
        let mut url = self.access.url();
        url.query_pairs_mut()
            .append_pair("query", &query.narrowed(&slice.matchers()))
            // One value for all replicas of a server, and an error in place of an answer without one of the stores.
            .append_pair("dedup", "true")
            .append_pair("partial_response", "false");
        let answer = self.get(url, query).await?;
        let listener = self.access.on_ignored.as_ref();
        let samples = answer::samples(&answer.body, query.name(), listener)?;
        Ok((samples, answer.date))
    }

    /// Sends a GET until it is answered: a busy server is given time, a broken connection one more try.
    async fn get(&self, url: Url, query: &'static PromQuery) -> Result<Answer, SourceError> {
        let mut n_busy = 0;
        let mut is_second_try = false;
        loop {
            self.access.budget.check()?;
            sent::tell(
                self.access.on_request.as_ref(),
                "thanos",
                "get",
                format!("{PATH}?query={}", query.name()),
            );
            let in_flight = sent::begin(self.access.on_end.as_ref(), "thanos", query.name());
            let answer = self.getter.get(url.clone(), self.headers()?).await;
            let answer_bytes = answer.as_ref().map_or(0, |answer| answer.body.len());
            let answer = answer.and_then(accepted);
            in_flight.end(answer_bytes, answer.as_ref().err());
            match answer {
                Err(SourceError::TooManyRequests { retry_after }) if n_busy < MAX_RETRIES => {
                    n_busy += 1;
                    let wait = retry_after.min(self.access.timeouts.pause);
                    self.access.budget.pause(wait).await?;
                }
                Err(SourceError::Network {
                    kind: NetworkKind::Closed,
                }) if !is_second_try => is_second_try = true,
                outcome => return outcome,
            }
        }
    }

    fn headers(&self) -> Result<HeaderMap, SourceError> {
        let token = self.access.live_token();
        let token = token.map_err(|_| SourceError::Credential)?;
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|_| SourceError::Credential)?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, value);
        Ok(headers)
    }
}

/// Sorts the answers by status; only 200 has a body that is used. A server that does not know the path is not what the
/// configuration says, so that 404 is a failure and no absence.
fn accepted(answer: Answer) -> Result<Answer, SourceError> {
    match answer.status {
        200 => Ok(answer),
        401 => Err(SourceError::Unauthorized),
        403 => Err(SourceError::Forbidden),
        408 | 504 => Err(SourceError::TimedOut),
        429 => Err(SourceError::TooManyRequests {
            retry_after: answer.retry_after.unwrap_or(Duration::from_secs(1)),
        }),
        status => Err(match answer.retry_after {
            Some(retry_after) if status >= 500 => SourceError::TooManyRequests { retry_after },
            _ => answer::error(status, &answer.body),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expected: SourceError) {
        let answer = Answer {
            status,
            retry_after: None,
            date: None,
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(accepted(answer).unwrap_err(), expected);
    }

    #[test]
    fn every_status_has_its_error_and_none_is_an_absence() {
        check(401, "", SourceError::Unauthorized);
        check(403, "Forbidden", SourceError::Forbidden);
        check(
            404,
            "404 page not found\n",
            SourceError::Server { code: 404 },
        );
        check(302, "", SourceError::Server { code: 302 });
        check(504, "", SourceError::TimedOut);
        check(503, r#"{"errorType":"timeout"}"#, SourceError::TimedOut);
        check(
            422,
            r#"{"errorType":"execution"}"#,
            SourceError::Server { code: 422 },
        );
        let retry_after = Duration::from_secs(1);
        check(429, "", SourceError::TooManyRequests { retry_after });
    }
}
