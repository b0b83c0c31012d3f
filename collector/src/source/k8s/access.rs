//! Where a Kubernetes API server is, whom to trust there, and with which token.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::Url;
use truenas_common::secret::Secret;

use crate::source::k8s::kubeconfig;
use crate::source::secret_file::{read_bounded, read_secret_file};
use crate::source::tls::ClientIdentity;
use crate::source::{AccessError, Budget, MinTls, OnEnd, OnIgnored, OnRequest, Timeouts, Trust};

/// Where a pod finds its token and the cluster's CA.
pub const SERVICE_ACCOUNT_DIR: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

const MAX_CA_FILE: usize = 1024 * 1024;

/// How to reach one API server.
#[derive(Clone)]
pub struct K8sAccess {
    server: Url,
    trust: Trust,
    token: Token,
    identity: Option<ClientIdentity>,
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

/// Where the bearer token comes from.
#[derive(Clone)]
pub(super) enum Token {
    /// A client certificate is enough.
    None,
    /// Written into a kubeconfig.
    Given(Arc<Secret<String>>),
    /// Read again for every request, as the cluster renews it.
    File(PathBuf),
}

impl K8sAccess {
    /// From inside a pod: `host` and `port` as in `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`, and the
    /// folder with `token` and `ca.crt`, usually [`SERVICE_ACCOUNT_DIR`].
    pub fn in_cluster(host: &str, port: u16, folder: &Path) -> Result<Self, AccessError> {
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        Self::explicit(
            &format!("https://{host}:{port}"),
            &folder.join("ca.crt"),
            &folder.join("token"),
        )
    }

    /// From a kubeconfig file; `context` overrides the current one. What would run programs, skip checks or go
    /// through a proxy is refused.
    pub fn from_kubeconfig(path: &Path, context: Option<&str>) -> Result<Self, AccessError> {
        kubeconfig::read(path, context)
    }

    /// From a URL, a CA file and a token file.
    pub fn explicit(server: &str, ca_file: &Path, token_file: &Path) -> Result<Self, AccessError> {
        let trust = Trust::from_ca_pem(&read_bounded(ca_file, MAX_CA_FILE)?)?;
        read_secret_file(token_file)?;
        Self::new(server, trust, Token::File(token_file.to_owned()), None)
    }

    /// The same access with another oldest TLS version.
    #[must_use]
    pub fn with_min_tls(mut self, min_tls: MinTls) -> Self {
        self.trust = self.trust.with_min_tls(min_tls);
        self
    }

    /// The token as it is now, so that the exit scan knows it.
    ///
    /// # Errors
    /// The token file cannot be read.
    pub fn live_token(&self) -> Result<Option<Arc<Secret<String>>>, AccessError> {
        self.token()
    }

    /// The URL of the server, for people.
    pub fn server(&self) -> &str {
        self.server.as_str()
    }

    pub(super) fn new(
        server: &str,
        trust: Trust,
        token: Token,
        identity: Option<ClientIdentity>,
    ) -> Result<Self, AccessError> {
        let server = parse_server(server)?;
        Ok(Self {
            server,
            trust,
            token,
            identity,
            timeouts: Timeouts::default(),
            budget: Arc::default(),
            on_request: None,
            on_end: None,
            on_ignored: None,
        })
    }

    pub(super) fn tls(&self) -> Result<rustls::ClientConfig, AccessError> {
        self.trust.client_config(self.identity.as_ref())
    }

    pub(super) fn token(&self) -> Result<Option<Arc<Secret<String>>>, AccessError> {
        match &self.token {
            Token::None => Ok(None),
            Token::Given(token) => Ok(Some(Arc::clone(token))),
            Token::File(path) => read_secret_file(path).map(|token| Some(Arc::new(token))),
        }
    }

    /// Appends a compiled-in path to the server, which may have a prefix of its own.
    pub(super) fn url(&self, path: &'static str) -> Url {
        let mut url = self.server.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }
}

impl fmt::Debug for K8sAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("K8sAccess")
            .field("server", &self.server.as_str())
            .finish_non_exhaustive()
    }
}

/// Reads `https://HOST[:PORT][/PREFIX]`.
pub(in crate::source) fn parse_server(text: &str) -> Result<Url, AccessError> {
    let url = Url::parse(text).map_err(|_| AccessError::NotHttps)?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    let is_bare = url.query().is_none() && url.fragment().is_none();
    if url.scheme() == "https" && url.host().is_some() && is_plain && is_bare {
        return Ok(url);
    }
    Err(AccessError::NotHttps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::k8s::NODES;

    #[track_caller]
    fn check(server: &str, expected: Option<&str>) {
        let access = K8sAccess::new(server, Trust::default(), Token::None, None);
        let url = access
            .ok()
            .map(|access| access.url(NODES.path()).to_string());
        assert_eq!(url.as_deref(), expected);
    }

    #[test]
    fn prefix_of_the_server_is_kept() {
        check(
            "https://192.0.2.10:6443",
            Some("https://192.0.2.10:6443/api/v1/nodes"),
        );
        check(
            "https://api.example/k8s/clusters/c-1/",
            Some("https://api.example/k8s/clusters/c-1/api/v1/nodes"),
        );
        check(
            "https://[2001:db8::1]:6443",
            Some("https://[2001:db8::1]:6443/api/v1/nodes"),
        );
    }

    #[test]
    fn plain_http_passwords_and_queries_are_refused() {
        for server in [
            "http://api.example",
            "https://a:b@api.example",
            "https://api.example?x=1",
            "api.example",
            "",
        ] {
            check(server, None);
        }
    }

    #[test]
    fn token_file_is_read_again_for_every_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "first\n").unwrap();
        let access = K8sAccess::new(
            "https://api.example",
            Trust::default(),
            Token::File(path.clone()),
            None,
        )
        .unwrap();
        assert_eq!(access.token().unwrap().unwrap().expose(), "first");
        std::fs::write(&path, "second\n").unwrap();
        assert_eq!(access.token().unwrap().unwrap().expose(), "second");
        std::fs::remove_file(&path).unwrap();
        assert!(access.token().is_err());
    }
}
