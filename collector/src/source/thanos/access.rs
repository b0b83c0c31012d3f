//! Where the Prometheus API of a cluster is, whom to trust there, and with which token.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::Url;
use truenas_common::secret::Secret;

use crate::source::k8s::parse_server;
use crate::source::secret_file::read_secret_file;
use crate::source::{AccessError, Budget, OnEnd, OnIgnored, OnRequest, Timeouts, Trust};

/// The only path that is asked for.
pub(super) const PATH: &str = "/api/v1/query";

/// How to reach one server. There is no way to say anything but TLS.
#[derive(Clone)]
pub struct ThanosAccess {
    server: Url,
    trust: Trust,
    token_file: PathBuf,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How much to read.
    pub budget: Arc<Budget>,
    /// Hears of every request before it leaves.
    pub on_request: Option<OnRequest>,
    /// Hears of every request that has ended.
    pub on_end: Option<OnEnd>,
    /// Hears of every field that has no place.
    pub on_ignored: Option<OnIgnored>,
}

impl ThanosAccess {
    /// From `https://HOST[:PORT][/PREFIX]` and a token file, which is read again for every request.
    pub fn new(server: &str, trust: Trust, token_file: &Path) -> Result<Self, AccessError> {
        read_secret_file(token_file)?;
        Ok(Self {
            server: parse_server(server)?,
            trust,
            token_file: token_file.to_owned(),
            timeouts: Timeouts::default(),
            budget: Arc::default(),
            on_request: None,
            on_end: None,
            on_ignored: None,
        })
    }

    /// The token as it is now, so that the exit scan knows it.
    ///
    /// # Errors
    /// The token file cannot be read.
    pub fn live_token(&self) -> Result<Secret<String>, AccessError> {
        read_secret_file(&self.token_file)
    }

    pub(super) fn tls(&self) -> Result<rustls::ClientConfig, AccessError> {
        self.trust.client_config(None)
    }

    /// The query path on the server, which may have a prefix of its own.
    pub(super) fn url(&self) -> Url {
        let mut url = self.server.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{PATH}"));
        url
    }
}

impl fmt::Debug for ThanosAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ThanosAccess")
            .field("server", &self.server.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(server: &str, expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "word\n").unwrap();
        let access = ThanosAccess::new(server, Trust::default(), &token).ok();
        let url = access.map(|access| access.url().to_string());
        assert_eq!(url.as_deref(), expected);
    }

    #[test]
    fn query_path_follows_the_prefix_and_nothing_but_tls_is_spoken() {
        check(
            "https://thanos-querier.openshift-monitoring.svc:9091",
            Some("https://thanos-querier.openshift-monitoring.svc:9091/api/v1/query"),
        );
        check(
            "https://metrics.example/thanos/",
            Some("https://metrics.example/thanos/api/v1/query"),
        );
        check("http://thanos.example", None);
        check("https://a:b@thanos.example", None);
        check("https://thanos.example?query=up", None);
    }

    #[test]
    fn token_that_cannot_be_read_is_refused_at_once() {
        let nowhere = Path::new("/nonexistent/token");
        assert!(ThanosAccess::new("https://a.example", Trust::default(), nowhere).is_err());
    }
}
