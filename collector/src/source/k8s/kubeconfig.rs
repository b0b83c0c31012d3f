//! Reads the part of a kubeconfig that a read-only, program-free client can honour, and refuses the rest by name.

use std::path::Path;
use std::sync::Arc;

use data_encoding::BASE64;
use serde::Deserialize;
use serde::de::IgnoredAny;
use truenas_common::secret::Secret;

use crate::source::k8s::K8sAccess;
use crate::source::k8s::access::Token;
use crate::source::secret_file::read_bounded;
use crate::source::tls::ClientIdentity;
use crate::source::{AccessError, Trust};

const MAX_KUBECONFIG: usize = 1024 * 1024;

/// Reads a kubeconfig file; paths in it are relative to its folder.
pub(super) fn read(path: &Path, context: Option<&str>) -> Result<K8sAccess, AccessError> {
    let bytes = Secret::new(read_bounded(path, MAX_KUBECONFIG)?);
    let folder = path.parent().unwrap_or(Path::new("."));
    parse(bytes.expose(), context, folder)
}

fn parse(bytes: &[u8], context: Option<&str>, folder: &Path) -> Result<K8sAccess, AccessError> {
    let config: Kubeconfig =
        serde_saphyr::from_slice(bytes).map_err(|error| AccessError::NotKubeconfig {
            line: error.location().map_or(0, |location| location.line()),
        })?;
    let missing = |what| AccessError::Missing { what };
    let wanted = context
        .map(str::to_owned)
        .or(config.current_context)
        .unwrap_or_default();
    let context = config
        .contexts
        .into_iter()
        .find(|named| named.name == wanted);
    let context = context
        .ok_or(missing("the context in the kubeconfig"))?
        .context;
    let cluster = config
        .clusters
        .into_iter()
        .find(|named| named.name == context.cluster);
    let user = config
        .users
        .into_iter()
        .find(|named| named.name == context.user);
    let cluster = cluster
        .ok_or(missing("the cluster of the context"))?
        .cluster;
    let user = user.ok_or(missing("the user of the context"))?.user;

    cluster.check()?;
    user.check()?;
    let ca = bytes_of(
        cluster.certificate_authority_data,
        cluster.certificate_authority,
        folder,
    )?
    .ok_or(missing(
        "`certificate-authority` or `certificate-authority-data`",
    ))?;
    let identity = identity(&user, folder)?;
    let token = token(user, folder);
    if identity.is_none() && matches!(token, Token::None) {
        return Err(missing("`token`, `tokenFile` or a client certificate"));
    }
    K8sAccess::new(&cluster.server, Trust::from_ca_pem(&ca)?, token, identity)
}

fn token(user: User, folder: &Path) -> Token {
    let not_empty = |text: &String| !text.is_empty();
    // Like kubectl: a token file is the fresher one.
    if let Some(file) = user.token_file.filter(not_empty) {
        return Token::File(folder.join(file));
    }
    match user.token.filter(not_empty) {
        Some(token) => Token::Given(Arc::new(Secret::new(token))),
        None => Token::None,
    }
}

fn identity(user: &User, folder: &Path) -> Result<Option<ClientIdentity>, AccessError> {
    let chain = bytes_of(
        user.client_certificate_data.clone(),
        user.client_certificate.clone(),
        folder,
    )?;
    let key = bytes_of(
        user.client_key_data.clone(),
        user.client_key.clone(),
        folder,
    )?;
    match (chain, key) {
        (Some(chain), Some(key)) => ClientIdentity::from_pem(&chain, Secret::new(key)).map(Some),
        (None, None) => Ok(None),
        _ => Err(AccessError::Missing {
            what: "one of client certificate and client key",
        }),
    }
}

fn bytes_of(
    data: Option<String>,
    file: Option<String>,
    folder: &Path,
) -> Result<Option<Vec<u8>>, AccessError> {
    if let Some(data) = data.filter(|data| !data.is_empty()) {
        let text: String = data.split_whitespace().collect();
        let bytes = BASE64.decode(text.as_bytes());
        return bytes.map(Some).map_err(|_| AccessError::NotPem {
            what: "a `-data` field of the kubeconfig",
        });
    }
    match file.filter(|file| !file.is_empty()) {
        Some(file) => read_bounded(&folder.join(file), MAX_KUBECONFIG).map(Some),
        None => Ok(None),
    }
}

fn refuse(is_set: bool, what: &'static str, instead: &'static str) -> Result<(), AccessError> {
    if is_set {
        Err(AccessError::Refused { what, instead })
    } else {
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Kubeconfig {
    current_context: Option<String>,
    #[serde(default)]
    contexts: Vec<NamedContext>,
    #[serde(default)]
    clusters: Vec<NamedCluster>,
    #[serde(default)]
    users: Vec<NamedUser>,
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    cluster: Cluster,
}

#[derive(Deserialize)]
struct NamedUser {
    name: String,
    user: User,
}

#[derive(Deserialize)]
struct Context {
    cluster: String,
    user: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster {
    server: String,
    certificate_authority: Option<String>,
    certificate_authority_data: Option<String>,
    #[serde(default)]
    insecure_skip_tls_verify: bool,
    proxy_url: Option<String>,
    tls_server_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct User {
    token: Option<String>,
    #[serde(rename = "tokenFile")]
    token_file: Option<String>,
    client_certificate: Option<String>,
    client_certificate_data: Option<String>,
    client_key: Option<String>,
    client_key_data: Option<String>,
    exec: Option<IgnoredAny>,
    auth_provider: Option<IgnoredAny>,
    username: Option<IgnoredAny>,
    password: Option<IgnoredAny>,
    r#as: Option<IgnoredAny>,
}

impl Cluster {
    fn check(&self) -> Result<(), AccessError> {
        let is_given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        refuse(
            self.insecure_skip_tls_verify,
            "`insecure-skip-tls-verify`",
            "give the cluster's CA",
        )?;
        refuse(
            is_given(&self.proxy_url),
            "`proxy-url`",
            "use an address that is reached directly",
        )?;
        refuse(
            is_given(&self.tls_server_name),
            "`tls-server-name`",
            "use a server address that its certificate names",
        )
    }
}

impl User {
    fn check(&self) -> Result<(), AccessError> {
        let service_account = "use the token of a service account";
        refuse(
            self.exec.is_some(),
            "`exec` (runs a program)",
            service_account,
        )?;
        refuse(
            self.auth_provider.is_some(),
            "`auth-provider`",
            service_account,
        )?;
        refuse(
            self.username.is_some() || self.password.is_some(),
            "a user name with a password",
            service_account,
        )?;
        refuse(self.r#as.is_some(), "`as` (impersonation)", service_account)
    }
}

#[cfg(test)]
mod tests;
