//! One GET at a time against a Kubernetes API server.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use crate::source::http::{Answer, Getter};
use crate::source::k8s::page::{KindBody, ListBody, StatusBody};
use crate::source::k8s::{ContinueToken, K8sAccess, K8sList, K8sObject, Page};
use crate::source::{AccessError, Budget, NetworkKind, SourceError, ignored, sent};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How often a busy server is asked again.
const MAX_RETRIES: u32 = 3;

/// A client that can only read the compiled-in lists and objects.
#[derive(Clone, Debug)]
pub struct K8sClient {
    access: Arc<K8sAccess>,
    getter: Getter,
}

impl K8sClient {
    /// Makes a client; nothing is connected yet.
    pub fn new(access: K8sAccess) -> Result<Self, AccessError> {
        let tls = access.tls()?;
        let budget = Arc::clone(&access.budget);
        let getter =
            Getter::new(tls, access.timeouts, budget).map_err(|_| AccessError::Missing {
                what: "a usable TLS configuration",
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
        let mut access = K8sAccess::clone(&self.access);
        access.budget = Arc::clone(&budget);
        Self {
            access: Arc::new(access),
            getter: self.getter.with_budget(budget),
        }
    }

    /// Reads one page of at most `limit` objects, starting where `continue_token` says. A path is no list:
    ///
    /// ```compile_fail,E0308
    /// async fn secrets(client: &truenas_collector::source::K8sClient) {
    ///     let _ = client.page::<bool>("/api/v1/secrets", 500, None).await;
    /// }
    /// ```
    pub async fn page<T: DeserializeOwned>(
        &self,
        list: &'static K8sList,
        limit: u32,
        continue_token: Option<&ContinueToken>,
    ) -> Result<Page<T>, SourceError> {
        let mut url = self.access.url(list.path());
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string());
        let mut what = shown(&url);
        if let Some(token) = continue_token {
            url.query_pairs_mut()
                .append_pair("continue", token.as_str());
            what.push_str("&continue=..");
        }
        let answer = self.get(url, &what, list.path()).await?;
        let listener = self.access.on_ignored.as_ref();
        let malformed = SourceError::Malformed {
            what: list.resource(),
        };
        let body: ListBody<T> =
            ignored::decode(&answer.body, list.path(), listener).map_err(|_| malformed.clone())?;
        // An empty list of another kind would read as the absence of everything.
        match body.kind.as_deref() {
            Some(kind) if list.is_kind(kind) => Ok(body.into_page(answer.date)),
            _ => Err(malformed),
        }
    }

    /// Reads one object.
    pub async fn object<T: DeserializeOwned>(
        &self,
        object: &'static K8sObject,
    ) -> Result<T, SourceError> {
        let answer = self
            .get(self.access.url(object.path()), object.path(), object.path())
            .await?;
        let listener = self.access.on_ignored.as_ref();
        let malformed = SourceError::Malformed {
            what: object.path(),
        };
        let named: Option<KindBody> = serde_json::from_slice(&answer.body).ok();
        if !named.is_some_and(|named| object.is_kind(&named.kind)) {
            return Err(malformed);
        }
        ignored::decode(&answer.body, object.path(), listener).map_err(|_| malformed)
    }

    /// Sends a GET until it is answered: a busy server is given time, a broken connection one more try.
    async fn get(&self, url: Url, what: &str, list: &'static str) -> Result<Answer, SourceError> {
        let mut n_busy = 0;
        let mut is_second_try = false;
        loop {
            self.access.budget.check()?;
            sent::tell(
                self.access.on_request.as_ref(),
                "kubernetes",
                "get",
                what.to_owned(),
            );
            let headers = self.headers()?;
            let in_flight = sent::begin(self.access.on_end.as_ref(), "kubernetes", list);
            let answer = self.getter.get(url.clone(), headers).await;
            let answer_bytes = answer.as_ref().map_or(0, |answer| answer.body.len());
            let answer = answer.and_then(accepted);
            in_flight.end(answer_bytes, answer.as_ref().err());
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match error {
                SourceError::TooManyRequests { retry_after } if n_busy < MAX_RETRIES => {
                    n_busy += 1;
                    let wait = retry_after.min(self.access.timeouts.pause);
                    self.access.budget.pause(wait).await?;
                }
                SourceError::Network {
                    kind: NetworkKind::Closed,
                } if !is_second_try => is_second_try = true,
                error => return Err(error),
            }
        }
    }

    fn headers(&self) -> Result<HeaderMap, SourceError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, JSON);
        if let Some(token) = self.access.token().map_err(|_| SourceError::Credential)? {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| SourceError::Credential)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }
}

/// Path and query as the listener sees them, without the server's name.
fn shown(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// Sorts the answers by status; only 200 has a body that is used.
fn accepted(answer: Answer) -> Result<Answer, SourceError> {
    match answer.status {
        200 => Ok(answer),
        401 => Err(SourceError::Unauthorized),
        403 => Err(SourceError::Forbidden),
        404..=406 => Err(SourceError::NotServed),
        408 | 504 => Err(SourceError::TimedOut),
        410 => {
            let status: StatusBody = serde_json::from_slice(&answer.body).unwrap_or_default();
            Err(SourceError::Expired {
                fresh: status
                    .metadata
                    .continue_token
                    .and_then(ContinueToken::parse),
            })
        }
        429 => Err(SourceError::TooManyRequests {
            retry_after: answer.retry_after.unwrap_or(Duration::from_secs(1)),
        }),
        status => Err(match answer.retry_after {
            // A server that restarts says when it will be back.
            Some(retry_after) if status >= 500 => SourceError::TooManyRequests { retry_after },
            _ => SourceError::Server {
                code: i32::from(status),
            },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, retry_after: Option<u64>, body: &str, expected: SourceError) {
        let retry_after = retry_after.map(Duration::from_secs);
        let answer = Answer {
            status,
            retry_after,
            date: None,
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(accepted(answer).unwrap_err(), expected);
    }

    #[test]
    fn every_status_has_its_error() {
        check(401, None, "", SourceError::Unauthorized);
        check(403, None, "", SourceError::Forbidden);
        check(404, None, "404 page not found\n", SourceError::NotServed);
        check(504, None, "", SourceError::TimedOut);
        check(307, None, "", SourceError::Server { code: 307 });
        check(500, None, "", SourceError::Server { code: 500 });
        check(400, None, "", SourceError::Server { code: 400 });
    }

    #[test]
    fn busy_server_says_when_to_come_back() {
        let wait = |seconds| SourceError::TooManyRequests {
            retry_after: Duration::from_secs(seconds),
        };
        check(429, Some(7), "", wait(7));
        check(429, None, "", wait(1));
        check(503, Some(2), "", wait(2));
        check(503, None, "", SourceError::Server { code: 503 });
    }

    #[test]
    fn expired_list_brings_a_fresh_token() {
        let body = r#"{"kind": "Status", "metadata": {"continue": "fresh"}, "message": "too old", "code": 410}"#;
        check(
            410,
            None,
            body,
            SourceError::Expired {
                fresh: ContinueToken::parse("fresh"),
            },
        );
        check(
            410,
            None,
            r#"{"metadata": {}}"#,
            SourceError::Expired { fresh: None },
        );
        check(410, None, "gone", SourceError::Expired { fresh: None });
    }
}
