//! GET over HTTPS with a bounded answer: the only HTTP request that exists in this program.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};

use crate::source::{
    Budget, MAX_MESSAGE, NetworkKind, SourceError, Timeouts, USER_AGENT, date, fault,
};

/// An error document is small; more than this is not looked at.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// A client that can only GET. Follows no redirect, asks no proxy, keeps no cookie, unpacks nothing.
#[derive(Clone, Debug)]
pub(super) struct Getter {
    client: Client,
    timeouts: Timeouts,
    budget: Arc<Budget>,
}

/// A complete answer, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    /// HTTP status.
    pub(super) status: u16,
    /// Seconds of the `Retry-After` header.
    pub(super) retry_after: Option<Duration>,
    /// Unix seconds of the `Date` header.
    pub(super) date: Option<i64>,
    /// At most [`MAX_MESSAGE`] bytes.
    pub(super) body: Vec<u8>,
}

impl Getter {
    /// Makes the client; nothing is connected yet.
    pub(super) fn new(
        tls: rustls::ClientConfig,
        timeouts: Timeouts,
        budget: Arc<Budget>,
    ) -> Result<Self, SourceError> {
        let client = client(tls, timeouts)?;
        Ok(Self {
            client,
            timeouts,
            budget,
        })
    }

    /// The same client with another budget.
    pub(super) fn with_budget(&self, budget: Arc<Budget>) -> Self {
        Self {
            budget,
            ..self.clone()
        }
    }

    /// Sends one GET and reads the whole answer.
    pub(super) async fn get(&self, url: Url, headers: HeaderMap) -> Result<Answer, SourceError> {
        let exchange = self.exchange(url, headers);
        self.budget.within(self.timeouts.request, exchange).await
    }

    async fn exchange(&self, url: Url, headers: HeaderMap) -> Result<Answer, SourceError> {
        answer(self.client.get(url).headers(headers), &self.budget).await
    }
}

/// A client for one server: follows no redirect, asks no proxy, keeps no cookie, unpacks nothing.
pub(super) fn client(tls: rustls::ClientConfig, timeouts: Timeouts) -> Result<Client, SourceError> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(Lookup))
        .https_only(true)
        .http1_only()
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .user_agent(USER_AGENT)
        .connect_timeout(timeouts.connect + timeouts.connect)
        .read_timeout(timeouts.idle)
        .build();
    client.map_err(|_| NetworkKind::Other.into())
}

/// Sends a request and reads the whole answer, whatever its status.
pub(super) async fn answer(
    request: RequestBuilder,
    budget: &Budget,
) -> Result<Answer, SourceError> {
    let response = request
        .send()
        .await
        .map_err(|error| fault::from_http(&error))?;
    let status = response.status().as_u16();
    let retry_after =
        header(&response, RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok());
    let date = header(&response, DATE.as_str()).and_then(date::parse_http_date);
    let body = match status {
        200 | 201 => read_body(response, MAX_MESSAGE, budget).await?,
        _ => read_body(response, MAX_ERROR_BODY, budget)
            .await
            .unwrap_or_default(),
    };
    Ok(Answer {
        status,
        retry_after: retry_after.map(Duration::from_secs),
        date,
        body,
    })
}

/// The system's name lookup; ours only so that its failure has a type.
struct Lookup;

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_| NetworkKind::NoAddress)?;
            let addresses: Vec<SocketAddr> = addresses.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

async fn read_body(
    mut response: Response,
    limit: usize,
    budget: &Budget,
) -> Result<Vec<u8>, SourceError> {
    let too_large = SourceError::TooLarge { limit_bytes: limit };
    let length = response.content_length().unwrap_or_default();
    if length > limit as u64 {
        return Err(too_large);
    }
    let mut body = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| fault::from_http(&error))?
    {
        if body.len() + chunk.len() > limit {
            return Err(too_large);
        }
        budget.spend(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
